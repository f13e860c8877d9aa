package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code check} of what is done to rows: without the source as far as that goes, and against its tables as they are. */
class CheckTransformTest {
    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void installation() throws Exception {
        cli = new Cli(Files.writeString(folder.resolve("millrace.yaml"), "web: {port: 0}\n"));
    }

    @Test
    void aScriptThatIsNoneIsFoundWithoutASource() throws Exception {
        Files.writeString(folder.resolve("tidy.js"), "function transform(e) { return evnt }");
        String file = file("{type: postgresql, host: localhost, port: 1, database: d, user: u}", "- script: tidy.js");
        assertEquals(ExitCode.FINDING, cli.run("check", file), cli::out);
        assertTrue(cli.out().contains("tidy.js:1:32"), cli.out());
        assertFalse(cli.err().contains("no problem"), cli.err());
        Files.writeString(folder.resolve("tidy.js"), "function transform(e) { return e }");
        assertEquals(ExitCode.OK, cli.run("check", file), cli::out);
        Files.delete(folder.resolve("tidy.js"));
        assertEquals(ExitCode.FINDING, cli.run("check", file), cli::out);
        assertTrue(cli.out().contains("tidy.js' can't be read"), cli.out());
    }

    @Test
    void unknownColumnsAndObjectsThatAreNotThereAreFoundBeforeAnyRow() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase()) {
            source.execute("CREATE TABLE film (id int PRIMARY KEY, title text)");
            String right = file(address(source), "- trim: [title]");
            assertFalse(cli.data("check", "--connect", right).contains("no such object"), cli.out());

            String unknown = file(address(source), "- trim: [titel]");
            assertEquals(ExitCode.FINDING, cli.run("check", "--connect", unknown), cli::out);
            assertTrue(cli.out().contains("shop.yaml:6:5: there is no column 'titel' here"), cli.out());
            assertTrue(cli.out().contains("Did you mean 'title'?"), cli.out());

            String yaml = Files.readString(Path.of(right)).replace("[public.film]", "[public.flim]");
            Files.writeString(Path.of(right), yaml + "load: {objects: {public.actor: {mode: append}}}\n");
            String told = cli.data("check", "--connect", right);
            assertTrue(told.contains("shop.yaml:4:3: there is no such object now as [public.flim]"), told);
            assertTrue(told.contains("Did you mean 'public.film'?"), told);
            assertTrue(told.contains("load public.actor: there is no such object now as [public.actor]"), told);

            Files.writeString(folder.resolve("tidy.js"), "function transform(e) { return evnt }");
            String broken = file(address(source), "- script: tidy.js");
            assertEquals(ExitCode.FINDING, cli.run("check", "--connect", broken), cli::out);
            assertTrue(cli.out().contains("tidy.js:1:32"), cli.out());
            assertTrue(cli.out().contains("shop destination:"), "the rest is told all the same: " + cli.out());
        }
    }

    private static String address(TestDatabase database) {
        return "{type: postgresql, host: %s, port: %d, database: %s, user: %s, password: \"%s\", sslMode: disable}"
                .formatted(database.host(), database.port(), database.database(), database.user(), database.password());
    }

    private String file(String source, String step) throws Exception {
        return Files.writeString(folder.resolve("shop.yaml"), """
                        source: %s
                        destination: {type: duckdb, path: w.duckdb}
                        transform:
                        - objects: [public.film]
                          steps:
                          %s
                        """.formatted(source, step))
                .toString();
    }
}
