package dev.millrace.ingest.gate;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.error.Nearest;
import dev.millrace.config.pipeline.BeforeLog;
import dev.millrace.config.pipeline.Condition;
import dev.millrace.config.pipeline.Masking;
import dev.millrace.ingest.gate.Comparison.Outcome;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.mask.Mask;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A rule made ready for one shape of a table: which columns are masked and how, and which rows pass. What a column is masked with is noted in
 * its source type, and the filter in that of the first column, as a mark that tells another rule but nothing of a secret: so a rule
 * that has changed gives another shape, and is noticed. Immutable.
 */
final class TableGate {
    private static final String MARK = " | before log: ";
    private static final byte[] PROBE = "what is it masked with?".getBytes(StandardCharsets.UTF_8);

    private final List<Column> columns;
    private final Masking[] maskings;
    private final Comparison[] filter;
    private final boolean keyedFilter;

    private TableGate(List<Column> columns, Masking[] maskings, Comparison[] filter, boolean keyedFilter) {
        this.columns = columns;
        this.maskings = maskings;
        this.filter = filter;
        this.keyedFilter = keyedFilter;
    }

    /** @throws MillraceException USER BEFORE_LOG_COLUMN, BEFORE_LOG_TYPE, BEFORE_LOG_KEY when the rule does not fit the table */
    static TableGate of(BeforeLog.Rule rule, TableName table, List<Column> clear) {
        Masking[] maskings = new Masking[clear.size()];
        for (Map.Entry<String, Masking> mask : rule.masks().entrySet()) {
            int place = place(table, clear, mask.getKey(), "masked");
            requireFit(table, clear.get(place), mask.getValue());
            maskings[place] = mask.getValue();
        }
        Comparison[] filter = new Comparison[rule.filter().size()];
        boolean keyedFilter = true;
        for (int i = 0; i < filter.length; i++) {
            Condition condition = rule.filter().get(i);
            int place = place(table, clear, condition.column(), "filtered by");
            Column column = clear.get(place);
            Comparison.refusal(condition, column.type()).ifPresent(why -> {
                throw MillraceException.user(
                        "BEFORE_LOG_TYPE",
                        "Table " + table + " can't be filtered by " + condition,
                        "column '" + column.name() + "' is a " + column.type() + ", and " + why,
                        "Correct 'filter' in 'beforeLog'.");
            });
            filter[i] = Comparison.of(condition, place, column.type());
            keyedFilter &= column.inKey();
        }
        return new TableGate(masked(rule, clear, maskings), maskings, filter, keyedFilter);
    }

    private static int place(TableName table, List<Column> columns, String name, String what) {
        List<String> names = columns.stream().map(Column::name).toList();
        int place = names.indexOf(name);
        if (place < 0) {
            throw MillraceException.user(
                    "BEFORE_LOG_COLUMN",
                    "Table " + table + " can't be " + what + " column '" + name + "'",
                    "it has no such column, and whether another one now holds its values can't be known",
                    "Correct 'beforeLog'."
                            + Nearest.to(name, names)
                                    .map(near -> " Did you mean '" + near + "'?")
                                    .orElse(""));
        }
        return place;
    }

    private static void requireFit(TableName table, Column column, Masking masking) {
        if (!Mask.fits(masking, column.type())) {
            throw MillraceException.user(
                    "BEFORE_LOG_TYPE",
                    "Column '" + column.name() + "' of table " + table + " can't be masked so",
                    "a " + column.type() + " has no characters to keep",
                    "Use hmac, sha256 or redact.");
        }
        if (column.inKey() && !masking.distinct()) {
            throw MillraceException.user(
                    "BEFORE_LOG_KEY",
                    "Column '" + column.name() + "' of table " + table + " can't be masked so",
                    "it is part of the key, and different keys would become one",
                    "Use hmac, sha256 or keepFormat.");
        }
    }

    private static List<Column> masked(BeforeLog.Rule rule, List<Column> clear, Masking[] maskings) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < maskings.length; i++) {
            Column column = clear.get(i);
            String mark =
                    i == 0 && !rule.filter().isEmpty() ? digest(rule.filter().toString()) : "";
            if (maskings[i] != null) {
                mark += mark.isEmpty() ? "" : " ";
                mark += digest(maskings[i] + " "
                        + Mask.of(maskings[i]).mask(PROBE, 0, PROBE.length).text());
            }
            columns.add(new Column(
                    column.name(),
                    maskings[i] == null ? column.dataType() : Mask.type(maskings[i], column.dataType()),
                    column.nullable(),
                    column.keyPosition(),
                    mark.isEmpty() ? column.sourceType() : column.sourceType() + MARK + mark,
                    column.sourceId()));
        }
        return List.copyOf(columns);
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    /** A column as the source has it, but for a masked one's type. */
    static Column unmarked(Column column) {
        int mark = column.sourceType().indexOf(MARK);
        return mark < 0
                ? column
                : new Column(
                        column.name(),
                        column.dataType(),
                        column.nullable(),
                        column.keyPosition(),
                        column.sourceType().substring(0, mark),
                        column.sourceId());
    }

    /** Whether a column of a shape that was learned has a mark. */
    static boolean isMasked(Column column) {
        return column.sourceType().contains(MARK);
    }

    /** The marks of a shape that was learned, by which a changed rule is known; whatever columns came and went. */
    static List<String> marks(List<Column> learned) {
        return learned.stream()
                .filter(TableGate::isMasked)
                .map(column -> column.name()
                        + column.sourceType().substring(column.sourceType().indexOf(MARK)))
                .toList();
    }

    /** The marks that a shape learned under this rule would have. */
    static List<String> marks(BeforeLog.Rule rule, List<Column> learned) {
        List<Column> clear = learned.stream().map(TableGate::unmarked).toList();
        Masking[] maskings = new Masking[clear.size()];
        for (int i = 0; i < maskings.length; i++) {
            maskings[i] = rule.masks().get(clear.get(i).name());
        }
        return marks(masked(rule, clear, maskings));
    }

    /** The columns as they leave. */
    List<Column> columns() {
        return columns;
    }

    /** A mask by column, null where there is none; for one thread. */
    Mask[] openMasks() {
        return Arrays.stream(maskings)
                .map(masking -> masking == null ? null : Mask.of(masking))
                .toArray(Mask[]::new);
    }

    boolean filters() {
        return filter.length > 0;
    }

    /** Whether only the key decides whether a row passes. */
    boolean keyedFilter() {
        return keyedFilter;
    }

    Outcome passes(Cells cells) {
        Outcome outcome = Outcome.PASSES;
        for (Comparison comparison : filter) {
            Outcome each = comparison.of(cells);
            if (each == Outcome.FAILS) {
                return each;
            } else if (each == Outcome.UNKNOWN) {
                outcome = each;
            }
        }
        return outcome;
    }
}
