package dev.millrace.web;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** What may be asked of failed events, and the documents that answer it, whichever way it is asked. Any thread. */
public final class FailedRequests {
    /** How many events a list has where nothing else is said. */
    static final int PAGE = 100;
    /** The one key of an export's last line when it is not whole. */
    static final String BROKEN_OFF = "brokenOff";

    private static final int MAX_PAGE = 1_000;

    private final FailedEventControl failed;

    public FailedRequests(FailedEventControl failed) {
        this.failed = failed;
    }

    /**
     * {@code groups}, whichever of their events are chosen, and a page of {@code events}.
     *
     * @param limit at most so many events; what is beyond 1 and 1,000 counts as that
     */
    public Map<String, Object> list(String pipeline, FailedSelection selection, Optional<String> after, int limit) {
        List<FailedEventStatus> events =
                failed.list(pipeline, selection, after, Math.max(1, Math.min(MAX_PAGE, limit)));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put(
                "groups",
                failed.groups(pipeline).stream().filter(selection::accepts).toList());
        document.put("events", events);
        return document;
    }

    /** One event, with its values where it may be seen {@code clear}, else masked. */
    public FailedEventDetail show(String pipeline, String id, boolean clear) {
        return failed.show(pipeline, id, clear);
    }

    /** Where the next events of an export come from; the first are fetched before anything is written, so that what is asked wrongly is told. */
    public Export export(String pipeline, FailedSelection selection, boolean clear) {
        return new Export(pipeline, selection, clear, failed.list(pipeline, selection, Optional.empty(), PAGE));
    }

    /** Events with their values, a line of JSON each; confined to one thread, and written once. */
    public final class Export {
        private final String pipeline;
        private final FailedSelection selection;
        private final boolean clear;
        private List<FailedEventStatus> page;

        private Export(String pipeline, FailedSelection selection, boolean clear, List<FailedEventStatus> first) {
            this.pipeline = pipeline;
            this.selection = selection;
            this.clear = clear;
            this.page = first;
        }

        /**
         * Writes them; one that can't be decrypted as {@code event}, {@code unreadable} and {@code why}.
         *
         * @throws MillraceException where the rest can't be told, behind what could be
         */
        public void writeTo(OutputStream out) throws IOException {
            while (!page.isEmpty()) {
                for (FailedEventStatus event : page) {
                    Optional<Object> whole = whole(event);
                    if (whole.isPresent()) {
                        line(whole.get(), out);
                    }
                }
                Optional<String> last = Optional.of(page.get(page.size() - 1).id());
                page = failed.list(pipeline, selection, last, PAGE);
            }
        }

        /** One that is gone meanwhile is none any more; one that can't be read is told as such, and keeps no other from being exported. */
        private Optional<Object> whole(FailedEventStatus event) {
            try {
                return Optional.of(failed.values(pipeline, event.id(), clear));
            } catch (MillraceException e) {
                return e.category() == Category.USER
                        ? Optional.empty()
                        : Optional.of(Map.of("event", event, "unreadable", e.code(), "why", e.getMessage()));
            }
        }
    }

    static void line(Object document, OutputStream out) throws IOException {
        out.write(JsonMapper.shared().writeValueAsString(document).getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }

    /** @param all whether all are meant where {@code selection} names none */
    public FailedReplay replay(String pipeline, FailedSelection selection, boolean all) {
        return failed.replay(pipeline, chosen(selection, all));
    }

    /** As {@link #replay}; {@code events}: how many are given up. */
    public Map<String, Long> skip(String pipeline, FailedSelection selection, boolean all) {
        return Map.of("events", failed.skip(pipeline, chosen(selection, all)));
    }

    /** That a slip doesn't mean all. */
    private static FailedSelection chosen(FailedSelection selection, boolean all) {
        if (selection.isAll() && !all) {
            throw MillraceException.user(
                    "NOTHING_CHOSEN",
                    "It is not said which failed events are meant",
                    "no event, object, phase or reason is named",
                    "Name one of them; every event is meant by --all on the command line, by all=true over HTTP.");
        }
        return selection;
    }
}
