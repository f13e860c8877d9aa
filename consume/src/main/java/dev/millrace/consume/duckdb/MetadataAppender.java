package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.duckdb.DuckDBAppender;

/** Appends a row's metadata columns, in the target's order; no row that is written is deleted. */
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

    void append(DuckDBAppender to, RowCursor row) throws SQLException {
        for (Role role : roles) {
            switch (role) {
                case ID -> to.append(row.eventId());
                case INGESTED_AT -> to.appendEpochMicros(row.ingestedAtMicros());
                case LOADED_AT -> to.appendEpochMicros(loadedAtMicros);
                case SOURCE_MODIFIED_AT -> {
                    if (row.modifiedAtMicros() == Long.MIN_VALUE) {
                        to.appendNull();
                    } else {
                        to.appendEpochMicros(row.modifiedAtMicros());
                    }
                }
                case DELETED -> to.append(false);
                case OPERATION -> to.append(row.operation().name().toLowerCase(Locale.ROOT));
                case SEQUENCE -> to.append(row.sequence());
                case VALID_FROM -> to.appendEpochMicros(row.validFromMicros());
                case VALID_TO -> {
                    if (row.validToMicros() == Long.MIN_VALUE) {
                        to.appendNull();
                    } else {
                        to.appendEpochMicros(row.validToMicros());
                    }
                }
                case CURRENT -> to.append(row.validToMicros() == Long.MIN_VALUE);
                case VALUE -> throw new IllegalStateException("no metadata");
            }
        }
    }
}
