package dev.millrace.consume.testing;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.storage.event.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A table with a history. It holds of itself that versions of a key neither overlap nor run backwards. */
final class HistoryModel implements TableModel {
    private static final class Version {
        private final String[] values;
        private final String metadata;
        private final long sequence;
        private long from;
        private Long to;

        private Version(String[] values, EventCells event, long from) {
            this.values = values;
            this.metadata = event.ingested() + "|" + event.modified();
            this.sequence = event.sequence();
            this.from = from;
        }

        private long latest() {
            return to == null ? from : to;
        }

        private void end(long at) {
            to = Math.max(at, from);
        }

        private void follow(long floor) {
            from = Math.max(from, floor);
            to = to == null ? null : Math.max(to, floor);
        }

        private String text() {
            return EventCells.text(values) + metadata + "|" + from + "|" + (to == null ? EventCells.NONE : to) + "|"
                    + (to == null ? 1 : 0) + "|" + sequence;
        }
    }

    private final boolean ignoreDeletes;
    private final Map<String, Deque<Version>> table = new TreeMap<>();
    private Map<String, Deque<Version>> shadow;
    private boolean direct;

    HistoryModel(OnDelete onDelete) {
        this.ignoreDeletes = onDelete == OnDelete.IGNORE;
    }

    private Map<String, Deque<Version>> filled() {
        return shadow == null ? table : shadow;
    }

    private static Version newest(Map<String, Deque<Version>> of, String key) {
        Deque<Version> versions = of.get(key);
        return versions == null ? null : versions.peekLast();
    }

    private Version current(String key) {
        Version newest = newest(filled(), key);
        return newest == null || newest.to != null ? null : newest;
    }

    private void end(String key, long at) {
        Version current = current(key);
        if (current != null) {
            current.end(at);
        }
    }

    @Override
    public void put(EventCells event) {
        boolean loading = direct || shadow != null;
        if (loading && event.reader().operation() == Operation.READ) {
            filled().remove(event.key());
        }
        Version old = current(event.oldKey());
        String[] values = event.row(old == null ? null : old.values);
        end(event.oldKey(), event.time());
        end(event.key(), event.time());
        if (loading && Arrays.asList(values).contains(null)) {
            return; // of a row that is not read yet
        }
        Version before = newest(filled(), event.key());
        long from = before == null ? event.time() : Math.max(event.time(), before.latest());
        filled().computeIfAbsent(event.key(), key -> new ArrayDeque<>()).add(new Version(values, event, from));
    }

    @Override
    public void delete(EventCells event) {
        if (!ignoreDeletes) {
            end(event.key(), event.time());
        }
    }

    @Override
    public void truncate(EventCells event) {
        if (!ignoreDeletes) {
            filled().keySet().forEach(key -> end(key, event.time()));
        }
    }

    @Override
    public void loadStarted() {
        if (shadow == null && table.isEmpty()) {
            direct = true;
            return;
        }
        direct = false;
        shadow = new TreeMap<>();
    }

    @Override
    public void loadCompleted(long atMicros) {
        Map<String, Deque<Version>> loaded = shadow;
        shadow = null;
        direct = false;
        if (loaded == null) {
            return;
        }
        table.keySet().stream().filter(key -> !loaded.containsKey(key)).forEach(key -> end(key, atMicros));
        loaded.forEach((key, versions) -> {
            Version newest = newest(table, key);
            if (newest != null) {
                versions.forEach(version -> version.follow(newest.latest()));
                Version first = versions.peekFirst();
                if (newest.to == null && Arrays.equals(newest.values, first.values)) {
                    versions.removeFirst();
                    newest.to = first.to;
                } else if (newest.to == null) {
                    newest.end(first.from);
                }
            }
            table.computeIfAbsent(key, same -> new ArrayDeque<>()).addAll(versions);
        });
    }

    @Override
    public List<String> rows() {
        List<String> rows = new ArrayList<>();
        table.forEach((key, versions) -> {
            long latest = Long.MIN_VALUE;
            for (Version version : versions) {
                if (version.from < latest || version.latest() < version.from) {
                    throw new AssertionError("the versions of " + key + " overlap");
                }
                latest = version.to == null ? Long.MAX_VALUE : version.to;
                rows.add(version.text());
            }
        });
        return rows;
    }

    @Override
    public String query(Columns columns) {
        return "SELECT note, id, \"large\", area, " + columns.micros("__millrace_ingested_at") + ", "
                + columns.micros("__millrace_source_modified_at") + ", " + columns.micros("__millrace_valid_from")
                + ", " + columns.micros("__millrace_valid_to") + ", " + columns.flag("__millrace_current")
                + ", __millrace_sequence FROM shop.\"Item\"";
    }
}
