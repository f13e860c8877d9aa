package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.storage.batch.Cells;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The columns of a stage that say which cells a row lacks, and under which key they are to be found: behind its own columns, a bit per value
 * column in words of 63, then the origin's key.
 */
final class LackingCells {
    private static final String MASK = "__millrace_stage_mask_";
    private static final String ORIGIN = "__millrace_stage_origin_";

    private final List<TargetColumn> values;
    private final List<TargetColumn> key;
    private final RowAppender origins;
    private final long[] any;

    LackingCells(TableLoad load) {
        this.values = Staging.values(load);
        this.key = load.target().key();
        this.origins = new RowAppender(load.target().name().toString(), key);
        this.any = new long[(values.size() + RowPlan.MASK_BITS - 1) / RowPlan.MASK_BITS];
    }

    List<String> definitions() {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < any.length; i++) {
            columns.add(MASK + i + " BIGINT");
        }
        for (int i = 0; i < key.size(); i++) {
            columns.add(ORIGIN + i + " " + DuckDbTypes.name(key.get(i).dataType()));
        }
        return columns;
    }

    void append(CellSink to, RowCursor row) throws SQLException {
        Cells image = row.values();
        boolean partial = image.anyUnchanged();
        for (int word = 0; word < any.length; word++) {
            long mask = 0;
            for (int i = word * RowPlan.MASK_BITS; partial && i < (word + 1) * RowPlan.MASK_BITS; i++) {
                if (i < values.size() && image.isUnchanged(values.get(i).sourceIndex())) {
                    mask |= 1L << (i % RowPlan.MASK_BITS);
                }
            }
            any[word] |= mask;
            to.big(mask);
        }
        Cells origin = partial ? row.origin() : null;
        if (origin != null) {
            origins.append(to, row, origin);
        } else {
            for (int i = 0; i < key.size(); i++) {
                to.none();
            }
        }
    }

    /** Whether any row staged so far lacks any cell. */
    boolean any() {
        boolean found = false;
        for (long word : any) {
            found |= word != 0;
        }
        return found;
    }

    /** The value columns, each from {@code t} where {@code s} lacks it. */
    List<String> filled() {
        List<String> selected = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            String name = Sql.quote(values.get(i).name());
            long bit = 1L << (i % RowPlan.MASK_BITS);
            selected.add(
                    (any[i / RowPlan.MASK_BITS] & bit) == 0
                            ? "s." + name
                            : "CASE WHEN s." + MASK + i / RowPlan.MASK_BITS + " & " + bit + " <> 0 THEN t." + name
                                    + " ELSE s." + name + " END AS " + name);
        }
        return selected;
    }

    /** Whether {@code s} lacks any cell. */
    String lacks() {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < any.length; i++) {
            words.add("s." + MASK + i + " <> 0");
        }
        return "(" + String.join(" OR ", words) + ")";
    }

    /** That {@code t} has the key of {@code s}' origin. */
    String sameOrigin() {
        List<String> same = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            same.add(Sql.column("t", key.get(i)) + " = s." + ORIGIN + i);
        }
        return String.join(" AND ", same);
    }
}
