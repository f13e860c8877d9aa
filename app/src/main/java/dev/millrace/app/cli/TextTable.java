package dev.millrace.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Rows of text in aligned columns. Columns whose every value looks like a number stand to the right. Cells come from databases too: no line
 * breaks and no escape sequences for a terminal come out.
 */
final class TextTable {
    private static final int CELL_LIMIT = 60;
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\x{80}-\\x{9f}\\x{2028}\\x{2029}]");

    private final List<List<String>> rows = new ArrayList<>();
    private final int columns;
    private final int limit;

    /** One whose cells are cut where they are long. */
    TextTable(String... headers) {
        this(CELL_LIMIT, headers);
    }

    private TextTable(int limit, String... headers) {
        this.limit = limit;
        this.columns = headers.length;
        rows.add(List.of(headers));
    }

    /** One whose cells are told to their end. */
    static TextTable whole(String... headers) {
        return new TextTable(Integer.MAX_VALUE, headers);
    }

    void row(String... cells) {
        rows.add(List.of(cells).stream().map(this::shorten).toList());
    }

    List<String> lines() {
        int[] widths = new int[columns];
        boolean[] numeric = new boolean[columns];
        for (int c = 0; c < columns; c++) {
            int column = c;
            widths[c] = rows.stream()
                    .mapToInt(row -> row.get(column).length())
                    .max()
                    .orElse(0);
            numeric[c] = rows.size() > 1
                    && rows.stream().skip(1).allMatch(row -> row.get(column).matches("[-~]?[0-9,. ]*%?"));
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                String cell = row.get(c);
                boolean last = c == columns - 1 && !numeric[c];
                String pad = last ? "" : " ".repeat(widths[c] - cell.length());
                line.append(c == 0 ? "" : "  ").append(numeric[c] ? pad + cell : cell + pad);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private String shorten(String cell) {
        String oneLine = CONTROL.matcher(cell).replaceAll(" ");
        return oneLine.length() <= limit ? oneLine : oneLine.substring(0, limit - 1) + "…";
    }
}
