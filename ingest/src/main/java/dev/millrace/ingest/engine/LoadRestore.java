package dev.millrace.ingest.engine;

import dev.millrace.ingest.source.SnapshotCodec;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes the tables' loads out of the offset's entries, at the start of a run. */
final class LoadRestore {
    private LoadRestore() {}

    /**
     * The chosen tables' loads as the offset has them, new ones at their beginning.
     *
     * @param delta is given what this changes in the offset: new tables' entries, and the removal of those no longer chosen
     */
    static List<TableLoad> chosen(
            List<SourceObject> chosen,
            Map<String, byte[]> entries,
            Map<String, Optional<byte[]>> delta,
            SnapshotCodec snapshots) {
        List<TableLoad> loads = new ArrayList<>();
        Set<String> unclaimed = new HashSet<>();
        entries.keySet().stream().filter(ProgressCodec::isLoad).forEach(unclaimed::add);
        for (SourceObject object : chosen) {
            TableLoad load = one(object, entries, snapshots);
            loads.add(load);
            String entry = ProgressCodec.load(object.table());
            if (!unclaimed.remove(entry)) {
                delta.put(entry, Optional.of(ProgressCodec.encode(load)));
            }
            unclaimed.removeIf(key -> key.startsWith(ProgressCodec.rereads(object.table())));
        }
        unclaimed.forEach(entry -> delta.put(entry, Optional.empty()));
        return loads;
    }

    /** Whether the table was taken in before, so that the pipeline owes it to its readers to go on with it. */
    static boolean begun(TableName table, Map<String, byte[]> entries) {
        byte[] progress = entries.get(ProgressCodec.load(table));
        return progress != null && ProgressCodec.begun(progress);
    }

    static TableLoad one(SourceObject object, Map<String, byte[]> entries, SnapshotCodec snapshots) {
        TableLoad load = new TableLoad(object);
        byte[] progress = entries.get(ProgressCodec.load(object.table()));
        if (progress != null) {
            ProgressCodec.decode(progress, load, snapshots);
            String prefix = ProgressCodec.rereads(object.table());
            entries.forEach((key, value) -> {
                if (key.startsWith(prefix)) {
                    long number = Long.parseLong(key.substring(prefix.length()));
                    load.rereads.put(number, new TableLoad.Reread(number, value));
                }
            });
        }
        return load;
    }
}
