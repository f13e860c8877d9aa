package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** Appends a row's metadata columns, in the target's order. */
final class MetadataAppender {
    private final Role[] roles;
    private final long loadedAtMicros;

    MetadataAppender(List<TargetColumn> columns, long loadedAtMicros) {
        this.roles = columns.stream()
                .map(TargetColumn::role)
                .filter(role -> role != Role.VALUE)
                .toArray(Role[]::new);
        this.loadedAtMicros = loadedAtMicros;
    }

    void append(CellSink to, RowCursor row) throws SQLException {
        for (Role role : roles) {
            switch (role) {
                case ID -> to.text(row.eventId().getBytes(StandardCharsets.UTF_8));
                case INGESTED_AT -> to.micros(row.ingestedAtMicros());
                case LOADED_AT -> to.micros(loadedAtMicros);
                case SOURCE_MODIFIED_AT -> {
                    if (row.modifiedAtMicros() == Long.MIN_VALUE) {
                        to.none();
                    } else {
                        to.micros(row.modifiedAtMicros());
                    }
                }
                case DELETED -> to.truth(row.deleted());
                case OPERATION ->
                    to.text(row.operation().name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
                case SEQUENCE -> to.big(row.sequence());
                case VALID_FROM -> to.micros(row.validFromMicros());
                case VALID_TO -> {
                    if (row.validToMicros() == Long.MIN_VALUE) {
                        to.none();
                    } else {
                        to.micros(row.validToMicros());
                    }
                }
                case CURRENT -> to.truth(row.validToMicros() == Long.MIN_VALUE);
                case VALUE -> throw new IllegalStateException("no metadata");
            }
        }
    }
}
