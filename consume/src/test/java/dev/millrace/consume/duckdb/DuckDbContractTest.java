package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.DestinationContract;
import dev.millrace.consume.destination.DestinationFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

final class DuckDbContractTest {
    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> duckDbKeepsTheDestinationContract() {
        return DestinationContract.tests(() -> new Fixture(folder, VectorRows.LEAST_ROWS));
    }

    @TestFactory
    Stream<DynamicTest> duckDbKeepsTheDestinationContractWhereNoLoadIsTooSmallForVectors() {
        return DestinationContract.tests(() -> new Fixture(folder, 1));
    }

    /** A database file in a folder of its own. */
    private static final class Fixture implements DestinationFixture {
        private final DuckDbFile file;
        private final int leastRows;

        Fixture(Path folder, int leastRows) {
            this.leastRows = leastRows;
            try {
                this.file = new DuckDbFile(
                        "contract",
                        Files.createTempDirectory(folder, "contract").resolve("file.duckdb"),
                        256L << 20,
                        2);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Destination open(String pipeline) {
            return new DuckDbDestination(pipeline, file, leastRows);
        }

        @Override
        public List<String> rows(String sql) {
            try (Connection connection = file.open();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                List<String> found = new ArrayList<>();
                while (rows.next()) {
                    StringBuilder text = new StringBuilder();
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        String value = rows.getString(i);
                        text.append(i == 1 ? "" : "|").append(value == null ? "∅" : value);
                    }
                    found.add(text.toString());
                }
                return found;
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        }

        @Override
        public void close() {}
    }
}
