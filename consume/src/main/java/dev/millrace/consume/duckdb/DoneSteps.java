package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.TargetName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a transaction has done to tables, in order: a refusal takes all of it back, and rows that are held against constraints may refer to rows of
 * it. Confined to one thread.
 */
final class DoneSteps {
    /** Something that was done, and comes to the same when it is done again. */
    @FunctionalInterface
    interface Step {
        void again() throws SQLException;
    }

    private final List<Step> steps = new ArrayList<>();
    private final Set<String> loaded = new HashSet<>();

    /** A change of a table. */
    void changed(Step step) {
        steps.add(step);
    }

    /** Rows were loaded into the table. */
    void loaded(TargetName table, Step step) {
        steps.add(step);
        loaded.add(folded(table));
    }

    /** Whether rows were loaded into any of these tables. */
    boolean haveLoaded(Set<TargetName> tables) {
        return tables.stream().anyMatch(table -> loaded.contains(folded(table)));
    }

    private static String folded(TargetName table) {
        return Sql.name(table).toLowerCase(Locale.ROOT);
    }

    /** Does all of it once more. */
    void again() throws SQLException {
        for (Step step : steps) {
            step.again();
        }
    }
}
