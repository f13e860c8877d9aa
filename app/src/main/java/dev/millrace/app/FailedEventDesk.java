package dev.millrace.app;

import dev.millrace.app.transform.PhaseInput;
import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.Reason;
import dev.millrace.consume.failed.Asked;
import dev.millrace.consume.failed.EventPlace;
import dev.millrace.consume.failed.EventValues;
import dev.millrace.consume.failed.FailedEvent;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedGroup;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.failed.Failure;
import dev.millrace.consume.failed.Waits;
import dev.millrace.consume.transform.Rehearsal;
import dev.millrace.web.FailedEventControl;
import dev.millrace.web.FailedEventDetail;
import dev.millrace.web.FailedEventStatus;
import dev.millrace.web.FailedEventValues;
import dev.millrace.web.FailedGroupStatus;
import dev.millrace.web.FailedPhaseInput;
import dev.millrace.web.FailedReplay;
import dev.millrace.web.FailedSelection;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Where the web and the command line ask for the pipelines' failed events. Any thread. */
public final class FailedEventDesk implements FailedEventControl {
    private final Function<String, FailedQueue> queues;
    private final Function<String, Rehearsal> rehearsals;
    private final Consumer<String> again;

    /**
     * All by the pipeline's name.
     *
     * @param queues throws USER where there is none of that name
     * @param rehearsals of its transformation
     * @param again begins loading where it has stopped
     */
    public FailedEventDesk(
            Function<String, FailedQueue> queues, Function<String, Rehearsal> rehearsals, Consumer<String> again) {
        this.queues = queues;
        this.rehearsals = rehearsals;
        this.again = again;
    }

    private FailedQueue queue(String pipeline) {
        return queues.apply(pipeline);
    }

    @Override
    public List<FailedGroupStatus> groups(String pipeline) {
        FailedQueue queue = queue(pipeline);
        return queue.groups().entrySet().stream()
                .map(entry -> group(queue, entry))
                .sorted(Comparator.comparingLong(FailedGroupStatus::events)
                        .reversed()
                        .thenComparing(FailedGroupStatus::object)
                        .thenComparing(FailedGroupStatus::code))
                .toList();
    }

    private static FailedGroupStatus group(FailedQueue queue, Map.Entry<FailedGroup, FailedGroup.Figures> entry) {
        FailedGroup group = entry.getKey();
        FailedGroup.Figures figures = entry.getValue();
        return new FailedGroupStatus(
                group.table().toString(),
                lower(group.phase()),
                group.code(),
                figures.events(),
                figures.bytes(),
                Instant.ofEpochMilli(figures.oldestMillis()),
                Instant.ofEpochMilli(figures.expiresMillis()),
                queue.expiresSoon(figures.expiresMillis()),
                figures.example());
    }

    @Override
    public List<FailedEventStatus> list(String pipeline, FailedSelection selection, Optional<String> after, int limit) {
        EventPlace from = after.map(EventPlace::parse).orElse(null);
        FailedQueue queue = queue(pipeline);
        return queue.list(filter(selection), from, limit).stream()
                .map(event -> status(queue, event, false))
                .toList();
    }

    /** @param clear whether the cause may hold values of the row */
    private static FailedEventStatus status(FailedQueue queue, FailedEvent event, boolean clear) {
        Reason why = event.failure().why();
        Waits first = queue.waits(event);
        long nextTry = event.course().nextTryMillis();
        boolean soon = nextTry == 0 || event.failure().isBehind() || !event.parked();
        return new FailedEventStatus(
                event.place().toString(),
                event.table().toString(),
                lower(event.operation()),
                event.eventId(),
                lower(event.failure().phase()),
                event.failure().code(),
                clear ? why.withValues() : why.withoutValues(),
                event.failure().column(),
                event.failure().remedy(),
                lower(event.course().status()),
                event.course().attempts(),
                Instant.ofEpochMilli(event.course().parkedAtMillis()),
                Instant.ofEpochMilli(event.course().expiresAtMillis()),
                soon ? Optional.empty() : Optional.of(Instant.ofEpochMilli(nextTry)),
                first.front().map(EventPlace::toString),
                text(first, event),
                event.bytes());
    }

    private static String text(Waits waits, FailedEvent event) {
        if (waits.superseded()) {
            return "Its table is being loaded again; it is obsolete as soon as that is complete.";
        }
        return waits.front()
                .map(front -> "For " + front + ", an earlier event of its "
                        + (event.operation().hasCells() ? "key" : "table")
                        + ": a replay takes that along; 'millrace failed show " + front + "' tells why it stays.")
                .orElse("");
    }

    @Override
    public FailedEventDetail show(String pipeline, String id, boolean clear) {
        FailedQueue queue = queue(pipeline);
        FailedEvent event = find(queue, pipeline, id);
        FailedPhaseInput intoPhase = event.parked()
                ? PhaseInput.of(event, queue.values(event.place()), () -> rehearsals.apply(pipeline), clear)
                : FailedPhaseInput.AS_READ;
        return new FailedEventDetail(values(pipeline, id, clear), intoPhase);
    }

    private static FailedEvent find(FailedQueue queue, String pipeline, String id) {
        return queue.find(EventPlace.parse(id))
                .orElseThrow(() -> MillraceException.user(
                        "FAILED_EVENT_NOT_FOUND",
                        "Pipeline '" + pipeline + "' has no failed event '" + id + "'",
                        "it was replayed, given up long ago, or never failed",
                        "See 'millrace failed list'."));
    }

    @Override
    public FailedEventValues values(String pipeline, String id, boolean clear) {
        FailedQueue queue = queue(pipeline);
        FailedEvent event = find(queue, pipeline, id);
        if (!event.parked()) {
            return new FailedEventValues(status(queue, event, clear), !clear, null, null, List.of());
        }
        EventValues values = EventValues.of(queue.values(event.place()), clear);
        return new FailedEventValues(
                status(queue, event, clear), !clear, values.values(), values.before(), values.unchanged());
    }

    @Override
    public FailedReplay replay(String pipeline, FailedSelection selection) {
        Asked asked = queue(pipeline).replay(filter(selection));
        again.accept(pipeline);
        return new FailedReplay(asked.events(), asked.ahead(), asked.superseded());
    }

    @Override
    public long skip(String pipeline, FailedSelection selection) {
        long events = queue(pipeline).skip(filter(selection));
        again.accept(pipeline);
        return events;
    }

    private static FailedFilter filter(FailedSelection selection) {
        Set<EventPlace> ids = new HashSet<>();
        selection.ids().forEach(id -> ids.add(EventPlace.parse(id)));
        Optional<Failure.Phase> phase = selection.phase().map(Failure.Phase::named);
        return new FailedFilter(selection.object(), phase, selection.code(), ids, !selection.givenUp());
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
