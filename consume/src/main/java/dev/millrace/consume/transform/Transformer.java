package dev.millrace.consume.transform;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Puts batches through a transformation's phases. Confined to one thread; an event's outcome depends on nothing but the event. */
public final class Transformer {
    /** Compiled programs are kept over batches, up to this many a phase. */
    private static final int KEPT = 10_000;

    private final List<Pass> passes = new ArrayList<>();
    private final FailedEvents failed;
    private final BatchReader reader = new BatchReader();
    /** A reader that has been opened on the batch which {@link #apply} gave last, and not been moved; null where there is none. */
    private BatchReader opened;
    /** Batches before this log index go through {@link #earlier}. */
    private final long from;

    private final Supplier<Transformation> earlier;
    /** Also batches that this one can't work on, and that one can. */
    private final boolean earlierWhereUnfit;

    private volatile Transformer before;

    Transformer(
            List<RowPhase> phases,
            FailedEvents failed,
            long from,
            Supplier<Transformation> earlier,
            boolean earlierWhereUnfit) {
        phases.forEach(phase -> passes.add(new Pass(phase)));
        this.failed = failed;
        this.from = from;
        this.earlier = earlier;
        this.earlierWhereUnfit = earlierWhereUnfit;
    }

    /**
     * Opens the batch as it leaves the last phase, for one walk; the reader is this transformer's, and what it gave out stays valid.
     *
     * @throws dev.millrace.config.error.MillraceException what a phase says of a schema it can't work on, and what is thrown for failed events
     */
    public BatchReader open(StoredBatch batch) {
        if (isEarlier(batch)) {
            return before().open(batch);
        }
        opened = null;
        StoredBatch current = batch;
        for (int phase = 0; phase < passes.size(); phase++) {
            current = apply(phase, current);
        }
        if (opened == null) {
            opened = reader;
            reader.open(current);
        }
        return opened;
    }

    private boolean isEarlier(StoredBatch batch) {
        return batch.logIndex() < from || earlierWhereUnfit && !fits(batch) && before().fits(batch);
    }

    /** Whether the phases can work on all of the batch's tables. */
    private boolean fits(StoredBatch batch) {
        if (batch.logIndex() < from) {
            return before().fits(batch);
        }
        reader.open(batch);
        try {
            for (int number = 0; number < reader.schemaCount(); number++) {
                compile(reader.schemaAt(number), new ArrayList<>());
            }
            return true;
        } catch (MillraceException e) {
            user(e);
            return false;
        }
    }

    private Transformer before() {
        if (before == null) {
            before = earlier.get().open(failed);
        }
        return before;
    }

    /** The tables that rows of a schema in the batch become; none where a phase can't work on them. */
    public List<TableName> outputs(StoredBatch batch, Schema schema) {
        if (isEarlier(batch)) {
            return before().outputs(batch, schema);
        }
        try {
            return compile(schema, new ArrayList<>()).stream()
                    .map(Schema::table)
                    .toList();
        } catch (MillraceException e) {
            user(e);
            return List.of();
        }
    }

    /** @throws MillraceException itself, unless it is about the definition */
    private static MillraceException user(MillraceException why) {
        if (why.category() != Category.USER) {
            throw why;
        }
        return why;
    }

    /** The batch after one phase; {@code batch} itself where the phase has nothing to do with it. */
    public StoredBatch apply(int phase, StoredBatch batch) {
        return batch.header().eventCount() == 0 ? batch : passes.get(phase).apply(batch);
    }

    /** What rows of {@code table} leave the last phase with; adds why they have to come whole. */
    List<Schema> compile(Schema table, List<String> needsWholeRows) {
        List<Schema> current = List.of(table);
        for (Pass pass : passes) {
            List<Schema> next = new ArrayList<>();
            for (Schema schema : current) {
                Optional<RowProgram> program = pass.program(schema);
                program.flatMap(RowProgram::needsWholeRows).ifPresent(needsWholeRows::add);
                next.addAll(program.map(RowProgram::outputs).orElse(List.of(schema)));
            }
            current = next;
        }
        return current;
    }

    /** The source's table whose events come out as {@code output}'s; itself where no phase has given it that name. Any thread. */
    public TableName sourceOf(TableName output) {
        TableName table = sourceOf(output, passes.size());
        Transformer older = before;
        return older == null || !table.equals(output) ? table : older.sourceOf(output);
    }

    /** As {@link #sourceOf}, of this transformation and of those that earlier batches go through. Any thread. */
    public Set<TableName> sourcesOf(TableName output) {
        Set<TableName> sources = new LinkedHashSet<>();
        for (Transformer each = this; each != null; each = each.before) {
            sources.add(each.sourceOf(output, each.passes.size()));
        }
        return sources;
    }

    /** The source's table of what has gone through so many phases. */
    private TableName sourceOf(TableName output, int phases) {
        TableName table = output;
        for (int phase = phases - 1; phase >= 0; phase--) {
            table = passes.get(phase).sourceOf.getOrDefault(table, table);
        }
        return table;
    }

    /** One phase with what it has compiled. */
    private final class Pass {
        private final RowPhase phase;
        private final BatchReader input = new BatchReader();
        private final EventView event = new EventView(input);
        private final EventSink sink = new EventSink();
        private final Map<TableName, TableName> sourceOf = new ConcurrentHashMap<>();
        private final Map<Schema, Optional<RowProgram>> byShape = new HashMap<>();
        private final Map<Schema, Optional<RowProgram>> byIdentity = new IdentityHashMap<>();

        private Pass(RowPhase phase) {
            this.phase = phase;
        }

        private StoredBatch apply(StoredBatch batch) {
            input.open(batch);
            RowProgram[] programs = new RowProgram[input.schemaCount()];
            MillraceException[] unfit = new MillraceException[programs.length];
            boolean any = false;
            for (int number = 0; number < programs.length; number++) {
                try {
                    programs[number] = program(input.schemaAt(number)).orElse(null);
                } catch (MillraceException e) {
                    unfit[number] = user(e);
                }
                any |= programs[number] != null || unfit[number] != null;
            }
            if (!any) {
                opened = input;
                return batch;
            }
            opened = null;
            event.batch(batch);
            sink.beginBatch();
            while (input.next()) {
                sink.beginEvent(input);
                RowProgram program = programs[input.schemaNumber()];
                if (unfit[input.schemaNumber()] != null) {
                    failed.unfit(source(), event, phase.name(), unfit[input.schemaNumber()]);
                } else if (program == null) {
                    sink.pass();
                } else if (input.operation().hasCells()) {
                    row(program);
                } else {
                    program.outputs(input.operation()).forEach(schema -> sink.control(input.operation(), schema));
                }
            }
            return sink.finish(batch);
        }

        private void row(RowProgram program) {
            try {
                program.apply(event, sink);
            } catch (EventFailure failure) {
                sink.takeBack();
                failed.refused(source(), event, phase.name(), failure);
            }
        }

        /** The source's table of the current event. */
        private TableName source() {
            return sourceOf(event.schema().table(), passes.indexOf(this));
        }

        private Optional<RowProgram> program(Schema schema) {
            Optional<RowProgram> known = byIdentity.get(schema);
            if (known == null) {
                if (byIdentity.size() >= KEPT) {
                    byIdentity.clear();
                    byShape.clear();
                }
                known = byShape.computeIfAbsent(schema, this::compile);
                byIdentity.put(schema, known);
            }
            return known;
        }

        private Optional<RowProgram> compile(Schema schema) {
            Optional<RowProgram> program = phase.compile(schema);
            program.map(RowProgram::outputs)
                    .orElse(List.of(schema))
                    .forEach(output -> claim(schema.table(), output.table()));
            return program;
        }

        /** Two tables under one name would empty and replace each other. */
        private void claim(TableName source, TableName output) {
            TableName first = sourceOf.putIfAbsent(output, source);
            if (first != null && !first.equals(source)) {
                throw MillraceException.user(
                        "TRANSFORM_TABLE_TWICE",
                        "Tables '" + first + "' and '" + source + "' can't both become '" + output + "'",
                        "a historical load or a TRUNCATE of one would take away the other's rows",
                        "Give each a name of its own in 'transform', for example with {table} in it, and put them together by a"
                                + " view at the destination.");
            }
        }
    }
}
