package dev.millrace.consume.testing;

import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.DelegatedDestination;
import dev.millrace.consume.destination.DelegatedTransaction;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.failed.Failure;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One window of many rows of which some are refused: by a constraint that somebody made at the destination, of which the refusal doesn't name
 * the row, or for a value that its column can't hold, where it does.
 */
public final class BadRowsTrial {
    private static final Schema SCHEMA = new Schema(
            new TableName("public", "t"),
            1,
            List.of(
                    new Column("id", DataType.of(Type.LONG), false, 1, "int8", 1),
                    new Column("note", DataType.of(Type.STRING), true, 0, "text", 2),
                    new Column("amount", DataType.decimal(5, 2), true, 0, "numeric", 3)));

    private static final Schema NOTES = new Schema(
            new TableName("public", "notes"),
            1,
            List.of(new Column("note", DataType.of(Type.STRING), false, 1, "text", 1)));

    /** What a constraint or trigger refuses. */
    public static final String BAD_NOTE = "refused";

    private final Pipe pipe;
    private final LoadMode mode;
    private final int rows;
    private final BitSet bad;
    private final boolean named;
    private final String badNote;
    /** Each good row has its note come behind it as a row of another table. */
    private boolean withNotes;

    private final BatchWriter writer = new BatchWriter();

    /** @param badNote the note of bad rows that aren't named */
    private BadRowsTrial(Pipe pipe, LoadMode mode, int rows, BitSet bad, boolean named, String badNote) {
        this.pipe = pipe;
        this.mode = mode;
        this.rows = rows;
        this.bad = bad;
        this.named = named;
        this.badNote = badNote;
    }

    /** A destination that such rows are loaded into. */
    @FunctionalInterface
    public interface Loaded {
        /** Loads the trial's rows; what it took. */
        Outcome load(BadRowsTrial trial) throws Exception;
    }

    /**
     * What a trial took.
     *
     * @param loads handed to the destination
     * @param timesSent the rows of these loads, over those of the largest, which has all that there are
     */
    public record Outcome(double seconds, long loads, double timesSent) {
        @Override
        public String toString() {
            return String.format("%.1f s, %,d loads, each row sent %.2f times", seconds, loads, timesSent);
        }
    }

    /** Counts what is handed to a destination. */
    private record Counted(Destination destination, AtomicLong loads, AtomicLong rows, AtomicLong most)
            implements DelegatedDestination {
        @Override
        public LoadTransaction begin() {
            LoadTransaction begun = destination.begin();
            return new DelegatedTransaction() {
                @Override
                public LoadTransaction transaction() {
                    return begun;
                }

                @Override
                public long load(TableLoad load) {
                    loads.incrementAndGet();
                    rows.addAndGet(load.rowCount());
                    most.accumulateAndGet(load.rowCount(), Math::max);
                    return begun.load(load);
                }
            };
        }
    }

    /**
     * With refusals that name their rows and without, one by one and in runs; tells what each took, and fails where rows are sent more often. The property {@code rows} says of how many
     * rows one in two hundred is bad, {@code seed} repeats a run.
     */
    public static void everyWay(String destination, LoadMode mode, Path folder, double mostTimesSent, Loaded loaded)
            throws Exception {
        int rows = Integer.getInteger("rows", 20_000);
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 4; round++) {
            boolean runs = round % 2 == 1;
            boolean named = round < 2;
            String what = destination + ", " + mode + (runs ? ", in runs" : ", one by one") + (named ? ", named" : "");
            Pipe pipe = new Pipe(Files.createDirectory(folder.resolve("round" + round)), 512L << 20);
            BitSet bad = spread(random, rows, rows / 200, runs);
            try {
                Outcome outcome = loaded.load(new BadRowsTrial(pipe, mode, rows, bad, named, null));
                hold(what, bad, rows, outcome, mostTimesSent);
            } catch (RuntimeException e) {
                throw new IllegalStateException(what + ", seed " + seed, e);
            }
        }
    }

    private static void hold(String what, BitSet bad, int rows, Outcome outcome, double mostTimesSent) {
        System.out.printf("%s: %,d bad rows of %,d in %s%n", what, bad.cardinality(), rows, outcome);
        if (outcome.timesSent() > mostTimesSent) {
            throw new IllegalStateException(outcome + ", at most " + mostTimesSent + " times were wanted");
        }
    }

    /**
     * With bad rows that all have the same note, {@link #BAD_NOTE}, one by one: one in a hundred, or as many as the property {@code bad} says. The other
     * properties are those of {@link #everyWay}, the default of {@code rows} is a smaller one.
     *
     * @param what refuses them
     */
    public static void noted(String what, LoadMode mode, Path folder, double mostTimesSent, Loaded loaded)
            throws Exception {
        noted(what, mode, folder, mostTimesSent, false, loaded);
    }

    /** As {@link #noted}, where the notes of good rows come in the same window, behind them, as rows of {@code public.notes}. */
    public static void notedThere(String what, LoadMode mode, Path folder, double mostTimesSent, Loaded loaded)
            throws Exception {
        noted(what, mode, folder, mostTimesSent, true, loaded);
    }

    private static void noted(
            String what, LoadMode mode, Path folder, double mostTimesSent, boolean withNotes, Loaded loaded)
            throws Exception {
        int rows = Integer.getInteger("rows", 4_000);
        long seed = Long.getLong("seed", System.nanoTime());
        BitSet bad = spread(new SplittableRandom(seed), rows, Integer.getInteger("bad", rows / 100), false);
        Pipe pipe = new Pipe(folder, 512L << 20);
        try {
            BadRowsTrial trial = new BadRowsTrial(pipe, mode, rows, bad, false, BAD_NOTE);
            trial.withNotes = withNotes;
            Outcome outcome = loaded.load(trial);
            hold(what + ", " + mode, bad, rows, outcome, mostTimesSent);
        } catch (RuntimeException e) {
            throw new IllegalStateException(what + ", " + mode + ", seed " + seed, e);
        }
    }

    /** The statement that makes a table {@code notes} of the good rows' notes, which a foreign key can refer to; in both destinations' SQL. */
    public String notes() {
        return "CREATE TABLE public.notes (note varchar PRIMARY KEY); INSERT INTO public.notes SELECT 'note number ' || i"
                + " || ' of this table' FROM generate_series(0, " + rows + ") AS r(i);";
    }

    private static BitSet spread(SplittableRandom random, int rows, int count, boolean runs) {
        BitSet chosen = new BitSet();
        while (chosen.cardinality() < count) {
            int from = random.nextInt(rows);
            int most = Math.min(rows - from, count - chosen.cardinality());
            chosen.set(from, from + (runs ? 1 + random.nextInt(Math.min(50, most)) : 1));
        }
        return chosen;
    }

    /** Between the log and the destination. */
    public Pipe pipe() {
        return pipe;
    }

    /** Something done to the table at the destination, while nothing has it open. */
    @FunctionalInterface
    public interface ByHand {
        void execute(String sql) throws Exception;
    }

    /** Opens a destination. */
    @FunctionalInterface
    public interface Opened {
        Destination open() throws Exception;
    }

    /**
     * Loads them; fails unless just the bad rows are parked, each for itself.
     *
     * @return what it took
     */
    public Outcome run(Opened destination, ByHand byHand, String constraint) throws Exception {
        ParkingPipe parking = new ParkingPipe(
                        pipe.topic,
                        pipe.state,
                        OnDelete.HARD,
                        Optional.empty(),
                        new ConsumeOptions(2 * rows, 1L << 30, 60_000, 4))
                .rules(new LoadRules(mode, OnDelete.HARD, List.of()))
                .policy(new FailedPolicy(
                        FailedPolicy.Action.PARK, Duration.ofDays(7), 1L << 30, 0, Duration.ofMinutes(5)))
                .waiting(TimeUnit.MINUTES.toSeconds(20));
        FailedQueue queue = parking.queue();
        row(rows, false);
        end();
        try (Destination opened = destination.open()) {
            parking.run(opened, queue, () -> true);
        }
        byHand.execute(constraint);
        for (int id = 0; id < rows; id++) {
            row(id, bad.get(id));
            if (writer.sizeBytes() > 1 << 20) {
                end();
            }
        }
        end();
        AtomicLong loads = new AtomicLong();
        AtomicLong sent = new AtomicLong();
        AtomicLong most = new AtomicLong();
        long start = System.nanoTime();
        try (Destination opened = destination.open()) {
            parking.run(new Counted(opened, loads, sent, most), queue, () -> true);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        requireParked(queue);
        return new Outcome(seconds, loads.get(), (double) sent.get() / most.get());
    }

    private void requireParked(FailedQueue queue) {
        TreeSet<String> wanted = new TreeSet<>();
        bad.stream().forEach(id -> wanted.add("0/1:" + id));
        TreeSet<String> parked = new TreeSet<>();
        queue.list(FailedFilter.ALL, null, Integer.MAX_VALUE).forEach(event -> {
            parked.add(event.eventId());
            if (event.failure().code().equals(Failure.TOGETHER)) {
                throw new IllegalStateException("not looked at by itself: " + event);
            }
        });
        if (!parked.equals(wanted)) {
            throw new IllegalStateException(parked.size() + " parked, " + wanted.size() + " bad");
        }
    }

    private void row(int id, boolean refused) {
        value(id, refused);
        if (withNotes && !refused) {
            writer.beginTransaction(1, 1_700_000_000_000_000L, "0/2", id);
            writer.beginRow(Operation.INSERT, writer.schema(NOTES));
            writer.putString("note number " + id + " of this table");
            writer.endRow();
            writer.beginTransaction(1, 1_700_000_000_000_000L, "0/1", id + 1);
        }
    }

    private void value(int id, boolean refused) {
        if (writer.eventCount() == 0) {
            writer.beginTransaction(1, 1_700_000_000_000_000L, "0/1", id);
        }
        writer.beginRow(Operation.INSERT, writer.schema(SCHEMA));
        writer.putLong(id);
        if (refused && !named) {
            if (badNote == null) {
                writer.putNull();
            } else {
                writer.putString(badNote);
            }
        } else {
            writer.putString("note number " + id + " of this table");
        }
        writer.putDecimal(refused && named ? new BigDecimal("12345.67") : BigDecimal.valueOf(id % 90_000, 2));
        writer.endRow();
    }

    private void end() {
        if (writer.eventCount() > 0) {
            pipe.topic.append(writer.finish(1_700_000_000_000L, false, true, OffsetDelta.NONE));
        }
    }
}
