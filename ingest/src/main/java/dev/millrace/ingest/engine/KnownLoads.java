package dev.millrace.ingest.engine;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.SnapshotCodec;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tables' loads as they were last saved: what is known of them while the source can't be asked. Stateless; any thread. */
final class KnownLoads {
    private static final Logger LOG = LoggerFactory.getLogger(KnownLoads.class);

    private KnownLoads() {}

    /** In the order of their names. An entry that can't be read is left out; the next run that reaches the source says so. */
    static List<LoadStatus> read(Stores stores, SnapshotCodec snapshots) {
        Map<String, byte[]> entries = new LinkedHashMap<>(stores.offsets().entries());
        List<LoadStatus> known = new ArrayList<>();
        for (String entry : entries.keySet()) {
            ProgressCodec.loaded(entry).ifPresent(table -> {
                try {
                    known.add(LoadRestore.one(object(stores, table), entries, snapshots)
                            .status());
                } catch (MillraceException e) {
                    LOG.debug("The saved load of table {} can't be shown", table, e);
                }
            });
        }
        return known;
    }

    private static SourceObject object(Stores stores, TableName table) {
        return new SourceObject(
                table,
                "table",
                stores.schemas().latest(table).map(Schema::columns).orElse(List.of()),
                -1,
                -1,
                false,
                "");
    }
}
