package dev.millrace.ingest.postgres;

import dev.millrace.storage.event.Column;

/**
 * A column as the catalogue has it.
 *
 * @param number of the table's oid and attnum ({@link Column#sourceId(long, int)}): lasts over renames, never used again
 * @param typmod -1 without
 * @param keyPosition 1-based place in the table's key, 0 outside it
 * @param filledIn rows older than the column, if there are any, show a default in it that was never written (atthasmissing)
 */
record CatalogueColumn(
        String name,
        int number,
        int typeOid,
        int typmod,
        boolean notNull,
        int keyPosition,
        boolean filledIn,
        ColumnType type) {

    Column column() {
        return new Column(name, type.dataType(), !notNull, keyPosition, type.sourceType(), number);
    }
}
