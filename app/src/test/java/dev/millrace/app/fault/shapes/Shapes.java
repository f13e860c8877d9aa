package dev.millrace.app.fault.shapes;

import dev.millrace.app.fault.FaultFamily;
import dev.millrace.app.fault.Stage;
import dev.millrace.app.fault.Trial;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.util.List;

/**
 * Big, odd and changing shapes of data through one process with 256 MB of heap, into DuckDB and PostgreSQL in turn. The short form takes half of
 * the shapes together into either, and schema changes by themselves; the long form each by itself at its full size.
 */
public final class Shapes implements FaultFamily {
    private static final int LONG_KINDS = 8;

    /** PostgreSQL's limit of 1,600 counts our own columns, too. */
    private static final int WIDEST_INTO_POSTGRES = 1_590;

    @Override
    public String name() {
        return "shapes";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 2 * LONG_KINDS : 3;
    }

    @Override
    public void run(Trial trial) throws Exception {
        boolean duckdb = trial.number() % 2 == 0;
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase()) {
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target);
            Course course = new Course(trial, stage);
            int kind = trial.number() / 2 % LONG_KINDS;
            if (trial.longForm() && kind == 0) {
                new OutsizeValues(course, stage).run();
            } else if (kind == 1) {
                new SchemaChanges(course, stage, trial).run(trial.longForm() ? 1_000 : 40);
            } else {
                course.run(trial.longForm() ? full(kind, duckdb) : together(duckdb));
            }
        }
    }

    private static List<Shape> together(boolean duckdb) {
        return duckdb
                ? List.of(new OddNames(), new WideTable(1_600, 40), new HugeValues(2))
                : List.of(new EdgeValues(), new LongTransaction(50_000), new ManyTables(60));
    }

    private static List<Shape> full(int kind, boolean duckdb) {
        return List.of(
                switch (kind) {
                    case 2 -> new HugeValues(16);
                    case 3 -> new WideTable(duckdb ? 1_600 : WIDEST_INTO_POSTGRES, 2_000);
                    case 4 -> new LongTransaction(1_000_000);
                    case 5 -> new ManyTables(5_000);
                    case 6 -> new OddNames();
                    default -> new EdgeValues();
                });
    }
}
