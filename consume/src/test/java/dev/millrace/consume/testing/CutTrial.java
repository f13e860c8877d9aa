package dev.millrace.consume.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Random events of few keys, by a clock that is put forward and back, loaded again and truncated in between: whatever windows they are cut into,
 * the destination holds what a model says that takes them one by one.
 */
public final class CutTrial {
    private static final int EVENTS = 70;
    private static final int ALL = 1_000_000;
    /** {@code -Dcuts.trials=n} makes more of each kind. */
    private static final int TRIALS = Integer.getInteger("cuts.trials", 1);

    /** A destination, empty. */
    public interface Site extends AutoCloseable {
        /** A log before it. */
        Pipe pipe();

        Destination open();

        /** Asks it, NULL as ∅. */
        List<String> rows(String sql) throws Exception;

        /** SQL for the microseconds since 1970 of an instant. */
        String micros(String column);

        @Override
        void close();
    }

    /** Makes one in a folder of its own. */
    @FunctionalInterface
    public interface Sites {
        Site make(Path folder) throws Exception;
    }

    /** How windows are cut: one a batch, all in one, or anyhow. */
    private enum Cut {
        EACH,
        ONE,
        RANDOM
    }

    private final Site site;
    private final LoadRules rules;
    private final TableModel model;
    private final BatchReader reader = new BatchReader();
    private final BatchWriter writer = new BatchWriter();
    private int batches;

    private CutTrial(Site site, LoadRules rules, TableModel model) {
        this.site = site;
        this.rules = rules;
        this.model = model;
    }

    /** Of a table with a key. */
    public static void run(Path folder, LoadMode mode, OnDelete onDelete, Sites sites) throws Exception {
        run(folder, mode, onDelete, true, sites);
    }

    /** Of a merged table without a key. */
    public static void withoutKey(Path folder, OnDelete onDelete, Sites sites) throws Exception {
        run(folder, LoadMode.MERGE, onDelete, false, sites);
    }

    private static void run(Path folder, LoadMode mode, OnDelete onDelete, boolean keyed, Sites sites)
            throws Exception {
        long first = Long.getLong("seed", System.nanoTime());
        for (int trial = 0; trial < TRIALS; trial++) {
            long seed = first + trial;
            for (Cut cut : Cut.values()) {
                try (Site site = sites.make(Files.createTempDirectory(folder, "cut"))) {
                    LoadRules rules = new LoadRules(mode, onDelete, List.of());
                    new CutTrial(site, rules, keyed ? model(mode, onDelete) : new BagModel(onDelete))
                            .run(seed, cut, keyed, mode + " " + onDelete + " seed " + seed + " cut " + cut);
                }
            }
        }
    }

    private static TableModel model(LoadMode mode, OnDelete onDelete) {
        return switch (mode) {
            case MERGE -> new MergeModel(onDelete);
            case APPEND -> new AppendModel(onDelete);
            case HISTORY -> new HistoryModel(onDelete);
        };
    }

    private void run(long seed, Cut cut, boolean keyed, String told) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom cuts = new SplittableRandom(~seed);
        SourceModel source = new SourceModel(random).wandering(40).reloading(25).cutting(this::append);
        for (int event = 1; event <= EVENTS; event++) {
            if (!keyed) {
                BagModel.change(writer, random, event);
            } else if (event == 1) {
                source.begun(writer);
            } else {
                source.change(writer);
            }
            append();
            if (cut == Cut.RANDOM && cuts.nextInt(20) == 0) {
                drain(1 + cuts.nextInt(30));
                compare(told + " event " + event);
            }
        }
        source.endReload(writer);
        append();
        drain(cut == Cut.EACH ? 1 : cut == Cut.ONE ? ALL : 1 + cuts.nextInt(60));
        compare(told);
    }

    /** What was written is a batch, and told to the model. */
    private void append() {
        if (writer.eventCount() == 0) {
            return;
        }
        long createdAtMillis = 1_700_000_000_000L + batches++;
        EncodedBatch batch = writer.finish(createdAtMillis, false, true, OffsetDelta.NONE);
        long logIndex = site.pipe().topic.appendedIndex() + 1;
        reader.open(batch.stored(logIndex));
        while (reader.next()) {
            model.apply(new EventCells(reader, logIndex, createdAtMillis * 1_000));
        }
        site.pipe().topic.append(batch);
    }

    private void drain(int windowRows) throws InterruptedException {
        ConsumeOptions options = new ConsumeOptions(windowRows, 16L << 20, 0, 1);
        try (Destination destination = site.open()) {
            site.pipe().drain(site.pipe().consumer(destination, rules, options, Optional.empty()));
        }
    }

    private void compare(String told) throws Exception {
        assertEquals(
                String.join("\n", model.rows().stream().sorted().toList()),
                String.join(
                        "\n",
                        site.rows(model.query(site::micros)).stream().sorted().toList()),
                told);
    }
}
