package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code check --connect} of what a definition says of its mapping, against tables and destinations as they are. */
class CheckMappingTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatAMappingSaysIsCheckedAgainstTheTablesThatThereAre(boolean duckdb) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase()) {
            source.execute("CREATE TABLE film (id int PRIMARY KEY, title text, year int);"
                    + " CREATE TABLE actor (id int PRIMARY KEY, name text)");
            Path config = Files.writeString(folder.resolve("millrace.yaml"), "web: {port: 0}\n");
            Cli cli = new Cli(config);
            String destination = duckdb ? "{type: duckdb, path: w.duckdb}" : postgres(target);
            String right = file(
                    source,
                    destination,
                    "public.film: {table: crm.films, columns: {title: {name: called}, year: {type: long}}}");
            String told = cli.data("check", "--connect", right);
            assertTrue(told.contains("shop mapping: mapping public.film: goes to crm.films"), told);
            assertFalse(told.contains("MAPPING_"), told);

            String wrong = file(
                    source,
                    destination,
                    "public.film: {columns: {titel: {name: called}, year: {type: short}, id: {skip: true}}}");
            assertEquals(ExitCode.FINDING, cli.run("check", "--connect", wrong), () -> cli.out() + cli.err());
            assertTrue(cli.out().contains("there is no column 'titel'"), cli.out());
            assertTrue(cli.out().contains("Did you mean 'title'?"), cli.out());
            assertTrue(cli.out().contains("column 'year' is to be short, but integer at the source"), cli.out());
            assertTrue(cli.out().contains("is to be skipped, but is in the table's key"), cli.out());

            String taken = file(source, destination, "public.film: {table: public.actor}");
            assertEquals(ExitCode.FINDING, cli.run("check", "--connect", taken), () -> cli.out() + cli.err());
            assertTrue(cli.out().contains("goes to 'public.actor' as 'public."), cli.out());

            String longName =
                    file(source, destination, "public.film: {columns: {title: {name: " + "n".repeat(100) + "}}}");
            String changed = cli.data("check", "--connect", longName);
            assertEquals(!duckdb, changed.contains("will be named 'nnn"), changed);
            String nothing = cli.data("check", "--connect", file(source, destination, "public.flim: {skip: true}"));
            assertTrue(nothing.contains("there is no such object now"), nothing);
            assertTrue(nothing.contains("Did you mean 'public.film'?"), nothing);
        }
    }

    private String file(TestDatabase source, String destination, String objects) throws Exception {
        return Files.writeString(folder.resolve("shop.yaml"), """
                        name: shop
                        source: %s
                        destination: %s
                        mapping:
                          objects: {%s}
                        """.formatted(postgres(source), destination, objects))
                .toString();
    }

    private static String postgres(TestDatabase database) {
        return "{type: postgresql, host: %s, port: %d, database: %s, user: %s, password: \"%s\", sslMode: disable}"
                .formatted(database.host(), database.port(), database.database(), database.user(), database.password());
    }
}
