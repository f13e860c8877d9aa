package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.millrace.config.pipeline.MappingPolicy;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.config.pipeline.MappingRules.ColumnRule;
import dev.millrace.config.pipeline.ObjectPattern;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.mapping.MappingChoices;
import dev.millrace.consume.mapping.MappingView.MappedObject;
import dev.millrace.consume.mapping.MappingView.Status;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** A pipeline with one destination and two tables, {@code public.t} and {@code public.u}, as it is after any number of starts. For one thread. */
final class MappingScene {
    static final TableName T = new TableName("public", "t");
    static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "", 1);
    static final Column NOTE = new Column("note", DataType.of(Type.STRING), true, 0, "", 2);
    static final Column MORE = new Column("more", DataType.of(Type.STRING), true, 0, "", 3);
    static final Column COUNT = new Column("count", DataType.of(Type.INTEGER), true, 0, "", 4);
    static final Column BIG_COUNT = new Column("count", DataType.of(Type.LONG), true, 0, "", 4);
    static final long BEYOND = 5_000_000_000L;

    static final ColumnRule SKIPPED = new ColumnRule(Optional.empty(), Optional.of(true), Optional.empty());

    final Pipe pipe;
    final Warehouse warehouse;
    final ParkingPipe parking;
    final TableFeed t;
    final TableFeed other;
    FailedQueue queue;

    /** A destination of one kind, and how its tables are looked at and changed by hand. */
    interface Warehouse extends AutoCloseable {
        Destination open();

        void execute(String sql) throws SQLException;

        List<String> rows(String sql) throws SQLException;

        /** SQL that makes an empty table like another one. */
        String makeLike(String table, String other);

        @Override
        void close();
    }

    record InDuckDb(Pipe pipe) implements Warehouse {
        @Override
        public Destination open() {
            return pipe.destination();
        }

        @Override
        public void execute(String sql) throws SQLException {
            pipe.execute(sql);
        }

        @Override
        public List<String> rows(String sql) throws SQLException {
            return pipe.query(sql);
        }

        @Override
        public String makeLike(String table, String other) {
            return "CREATE TABLE " + table + " AS FROM " + other + " LIMIT 0";
        }

        @Override
        public void close() {}
    }

    record InPostgres(PostgresFixture fixture) implements Warehouse {
        @Override
        public Destination open() {
            return fixture.open("orders");
        }

        @Override
        public void execute(String sql) {
            fixture.execute(sql);
        }

        @Override
        public List<String> rows(String sql) {
            return fixture.rows(sql);
        }

        @Override
        public String makeLike(String table, String other) {
            return "CREATE TABLE " + table + " (LIKE " + other + " INCLUDING ALL)";
        }

        @Override
        public void close() {
            fixture.close();
        }
    }

    MappingScene(Pipe pipe, Warehouse warehouse) {
        this.pipe = pipe;
        this.warehouse = warehouse;
        this.parking =
                new ParkingPipe(pipe.topic, pipe.state, OnDelete.HARD, Optional.empty(), ConsumeOptions.defaults());
        this.queue = parking.queue();
        this.t = new TableFeed(pipe, "t").schema(1, ID, NOTE);
        this.other = new TableFeed(pipe, "u").schema(1, ID, NOTE);
    }

    MappingChoices choices() {
        return parking.choices();
    }

    /** Applies the log as a process does that starts now. */
    void apply() throws Exception {
        queue = parking.queue();
        try (Destination destination = warehouse.open()) {
            parking.run(destination, queue, () -> true);
        }
    }

    /** The same, and waits until nothing is parked any more. */
    void applyAll() throws Exception {
        queue = parking.queue();
        queue.replay(FailedFilter.ALL);
        try (Destination destination = warehouse.open()) {
            parking.run(destination, queue, () -> queue.counts().events() == 0);
        }
    }

    /** The whole of the table as the source has it now. */
    void load(Object[]... rows) {
        t.control(Operation.LOAD_STARTED);
        for (Object[] row : rows) {
            t.row(Operation.READ, row);
        }
        t.control(Operation.LOAD_COMPLETED);
    }

    List<String> codes() {
        return queue.list(FailedFilter.ALL, null, 100).stream()
                .map(event -> event.table().name() + " " + event.failure().code())
                .toList();
    }

    MappedObject object() {
        return parking.view().objects().stream()
                .filter(each -> each.object().equals(T))
                .findFirst()
                .orElseThrow();
    }

    Status status() {
        return object().status();
    }

    List<String> notes(String table) throws SQLException {
        return warehouse.rows("SELECT id || '=' || coalesce(note, '-') FROM public." + table + " ORDER BY id");
    }

    boolean awaitsLoad() {
        return choices().awaited(rules()).contains(T);
    }

    private MappingRules rules = MappingRules.DEFAULTS;

    MappingRules rules() {
        return rules;
    }

    void rules(MappingRules newRules) {
        rules = newRules;
        parking.mapping(newRules);
    }

    /** What is tried with both kinds of destination. */
    interface Play {
        void on(MappingScene scene) throws Exception;
    }

    static Stream<DynamicTest> inBoth(Path folder, Play play) {
        List<DynamicTest> tests = new ArrayList<>();
        for (boolean duckDb : new boolean[] {true, false}) {
            tests.add(dynamicTest(duckDb ? "DuckDB" : "PostgreSQL", () -> {
                Pipe pipe = new Pipe(Files.createTempDirectory(folder, "pipe"));
                try (Warehouse warehouse = duckDb ? new InDuckDb(pipe) : new InPostgres(new PostgresFixture())) {
                    play.on(new MappingScene(pipe, warehouse));
                }
            }));
        }
        return tests.stream();
    }

    static Object[] row(Object... cells) {
        return cells;
    }

    static MappingRules rules(boolean auto, MappingPolicy policy, Map<String, ColumnRule> columns) {
        return new MappingRules(
                auto,
                policy,
                List.of(new MappingRules.Entry(
                        ObjectPattern.of("public.t").orElseThrow(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        columns)));
    }

    static MappingRules policy(MappingPolicy policy) {
        return new MappingRules(true, policy, List.of());
    }

    static ColumnRule named(String name) {
        return new ColumnRule(Optional.of(name), Optional.empty(), Optional.empty());
    }
}
