package dev.millrace.web;

import dev.millrace.config.error.MillraceException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The pipeline {@code shop} with 150 failed events, which remembers what it was asked to do with them. */
final class FakeFailedEvents implements FailedEventControl {
    private static final int EVENTS = 150;

    final List<FailedSelection> replayed = new CopyOnWriteArrayList<>();
    final List<FailedSelection> skipped = new CopyOnWriteArrayList<>();
    /** Ids that are listed, but gone or unreadable when they are asked for. */
    final Map<String, MillraceException> failing = new ConcurrentHashMap<>();

    /** Behind this one none can be listed. */
    volatile String lastToBeListed = "";

    private static void require(String pipeline) {
        if (!pipeline.equals("shop")) {
            throw MillraceException.user(
                    "NO_SUCH_PIPELINE", "Pipeline '" + pipeline + "' is unknown", "", "See 'millrace status'.");
        }
    }

    @Override
    public List<FailedGroupStatus> groups(String pipeline) {
        require(pipeline);
        return List.of(new FailedGroupStatus(
                "public.film",
                "load",
                "DATA_REFUSED",
                EVENTS,
                9_000,
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(600),
                true,
                "too long"));
    }

    @Override
    public List<FailedEventStatus> list(String pipeline, FailedSelection selection, Optional<String> after, int limit) {
        require(pipeline);
        if (after.isPresent() && after.get().equals(lastToBeListed)) {
            throw MillraceException.resource(
                    "SEALED_DAMAGED", "It can't be read", "a bit of it has turned", "Skip it.", null);
        }
        int from = after.map(id -> Integer.parseInt(id.substring(id.indexOf('-') + 1)) + 1)
                .orElse(0);
        List<FailedEventStatus> events = new ArrayList<>();
        for (int row = from; row < Math.min(EVENTS, from + limit); row++) {
            events.add(event(row));
        }
        return events;
    }

    private static FailedEventStatus event(int row) {
        return new FailedEventStatus(
                "7-" + row,
                "public.film",
                "insert",
                "0/1:" + row,
                "load",
                "DATA_REFUSED",
                "too long",
                "title",
                "Make it shorter.",
                "parked",
                1,
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(600),
                Optional.empty(),
                row == 0 ? Optional.empty() : Optional.of("7-0"),
                row == 0 ? "" : "For 7-0",
                60);
    }

    @Override
    public FailedEventDetail show(String pipeline, String id, boolean clear) {
        return new FailedEventDetail(values(pipeline, id, clear), FailedPhaseInput.AS_READ);
    }

    @Override
    public FailedEventValues values(String pipeline, String id, boolean clear) {
        require(pipeline);
        if (failing.containsKey(id)) {
            throw failing.get(id);
        }
        int row = Integer.parseInt(id.substring(id.indexOf('-') + 1));
        return new FailedEventValues(
                event(row), !clear, Map.of("title", clear ? "Alien " + row : "***"), null, List.of());
    }

    @Override
    public FailedReplay replay(String pipeline, FailedSelection selection) {
        require(pipeline);
        replayed.add(selection);
        return new FailedReplay(EVENTS, 2, 3);
    }

    @Override
    public long skip(String pipeline, FailedSelection selection) {
        require(pipeline);
        skipped.add(selection);
        return 1;
    }
}
