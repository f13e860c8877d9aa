package dev.millrace.app.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in aligned columns. Columns whose every value looks like a number stand to the right. */
final class TextTable {
    private static final int CELL_LIMIT = 60;

    private final List<List<String>> rows = new ArrayList<>();
    private final int columns;

    TextTable(String... headers) {
        this.columns = headers.length;
        rows.add(List.of(headers));
    }

    void row(String... cells) {
        rows.add(List.of(cells).stream().map(TextTable::shorten).toList());
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
                String pad = " ".repeat(widths[c] - cell.length());
                line.append(c == 0 ? "" : "  ").append(numeric[c] ? pad + cell : cell + pad);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private static String shorten(String cell) {
        String oneLine = cell.replace('\n', ' ').replace('\r', ' ').replace('\t', ' ');
        return oneLine.length() <= CELL_LIMIT ? oneLine : oneLine.substring(0, CELL_LIMIT - 1) + "…";
    }
}
