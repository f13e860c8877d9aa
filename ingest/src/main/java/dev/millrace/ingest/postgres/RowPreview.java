package dev.millrace.ingest.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Some rows of a table for people to look at. */
final class RowPreview {
    private RowPreview() {}

    /** Up to {@code rows} rows in no particular order, values as text in the table's column order, null for NULL. */
    static List<List<String>> read(Connection connection, CatalogueTable table, int rows) throws SQLException {
        List<List<String>> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(ChunkStatements.preview(table, rows))) {
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= table.columns().size(); i++) {
                    values.add(row.getString(i));
                }
                found.add(Collections.unmodifiableList(values));
            }
        }
        return found;
    }
}
