package dev.millrace.consume.transform;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** A pipeline's phases in order. Immutable; safe from any thread. */
public final class Transformation {
    public static final Transformation NONE = new Transformation(List.of());

    private final List<RowPhase> phases;
    private final long from;
    private final Supplier<Transformation> earlier;
    private final boolean earlierWhereUnfit;

    public Transformation(List<RowPhase> phases) {
        this(phases, Long.MIN_VALUE, () -> null, false);
    }

    private Transformation(
            List<RowPhase> phases, long from, Supplier<Transformation> earlier, boolean earlierWhereUnfit) {
        this.phases = List.copyOf(phases);
        this.from = from;
        this.earlier = earlier;
        this.earlierWhereUnfit = earlierWhereUnfit;
    }

    /**
     * The same for batches from a log index on.
     *
     * @param before what applies to the batches before; asked for once a thread, when the first of them comes
     */
    public Transformation from(long logIndex, Supplier<Transformation> before) {
        return new Transformation(phases, logIndex, before, false);
    }

    /**
     * The same for all batches, but for those that it can't work on and {@code other} can: their table has changed since, and its steps with it.
     */
    public Transformation whereUnfit(Transformation other) {
        return new Transformation(phases, Long.MIN_VALUE, () -> other, true);
    }

    public List<RowPhase> phases() {
        return phases;
    }

    /**
     * Whether the phases can work on these tables, a finding for each that they have to do with: nothing is read or written. Never throws for
     * what it finds.
     *
     * @param wholeRows whether the source sends the whole row before with each change of the table
     */
    public List<Finding> check(List<Schema> tables, Predicate<TableName> wholeRows) {
        List<Finding> findings = new ArrayList<>();
        Transformer transformer = open(FailedEvents.STOP);
        for (Schema table : tables) {
            String probe = "transform " + table.table();
            List<String> needs = new ArrayList<>();
            try {
                List<Schema> outputs = transformer.compile(table, needs);
                String names =
                        outputs.stream().map(each -> each.table().toString()).collect(Collectors.joining(", "));
                if (!needs.isEmpty() && !wholeRows.test(table.table())) {
                    MillraceException refused = needsWholeRows(table.table(), needs);
                    findings.add(Finding.failed(
                            probe, refused.code(), refused.what() + ": " + refused.why(), refused.remedy()));
                } else if (!outputs.equals(List.of(table))) {
                    findings.add(Finding.ok(probe, "becomes " + names));
                }
            } catch (MillraceException invalid) {
                findings.add(
                        Finding.failed(probe, invalid.code(), invalid.what() + ": " + invalid.why(), invalid.remedy()));
            }
        }
        return findings;
    }

    /**
     * The tables that these become.
     *
     * @throws MillraceException USER where a phase can't work on one of them, see {@link #check}
     */
    public List<Schema> outputs(List<Schema> tables) {
        Transformer transformer = open(FailedEvents.STOP);
        List<Schema> outputs = new ArrayList<>();
        tables.forEach(table -> outputs.addAll(transformer.compile(table, new ArrayList<>())));
        return outputs;
    }

    /**
     * Refuses tables of which each UPDATE and DELETE would fail, for a pipeline that is about to start.
     *
     * @param unused whether nothing has gone through this transformation yet: then one that can't work on a table is refused as well, before it
     *     is put to use. Else that shows when rows of the table come, and they are failed events.
     * @throws MillraceException USER TRANSFORM_NEEDS_WHOLE_ROWS, or what a phase says
     */
    public void require(List<Schema> tables, Predicate<TableName> wholeRows, boolean unused) {
        Transformer transformer = open(FailedEvents.STOP);
        for (Schema table : tables) {
            List<String> needs = new ArrayList<>();
            try {
                transformer.compile(table, needs);
            } catch (MillraceException e) {
                if (unused) {
                    throw e;
                }
                continue;
            }
            if (!needs.isEmpty() && !wholeRows.test(table.table())) {
                throw needsWholeRows(table.table(), needs);
            }
        }
    }

    private static MillraceException needsWholeRows(TableName table, List<String> needs) {
        return MillraceException.user(
                "TRANSFORM_NEEDS_WHOLE_ROWS",
                "Table '" + table + "' can't be followed through its transformation",
                String.join("; ", needs)
                        + ", so that an UPDATE or DELETE has to carry the whole row before, and the source sends no more than"
                        + " its key",
                "Have whole rows sent (PostgreSQL: ALTER TABLE " + table
                        + " REPLICA IDENTITY FULL;), or make the key of the source's key" + " alone.");
    }

    /** For one thread that reads the log; cheap. */
    public Transformer open(FailedEvents failed) {
        return new Transformer(phases, failed, from, earlier, earlierWhereUnfit);
    }

    /** As {@link RowPhase#committing}. */
    public void committing() {
        phases.forEach(RowPhase::committing);
    }
}
