package dev.millrace.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokenFileTest {
    private static final String SOURCE = "source: {type: postgresql, host: db}\n";
    private static final String DESTINATION = "destination: {type: duckdb, path: x.db}\n";
    private static final String BOTH = SOURCE + DESTINATION;

    @TempDir
    Path folder;

    private final ConfigLoader loader =
            new ConfigLoader(Kinds.SOURCES, Kinds.DESTINATIONS, Map.of("SECRET", "hunter2", "PORT", "hunter2")::get);

    @Test
    void allProblemsOfAFileAreToldAtOnceWithTheirPlaces() throws IOException {
        String yaml = """
        nmae: shop
        source:
          type: postgresql
          prot: 5432
          port: abc
          mode: tabel
          connectTimeout: 10
        destination:
          type: duckdb
          path: [a, b]
          memoryLimit: lots
        onDelete: sometimes
        schedule: {every: 10ms}
        objects: ["!public.x"]
        load:
          mode: hystory
          objects:
            public.x.y: {mode: merge}
            public.x: {onDelete: never, key: id}
        """;
        String expected = """
        shop.yaml:1:1: 'nmae' is not a known key. Did you mean 'name'?
        shop.yaml:3:3: 'host' is missing. Name or address of the server.
        shop.yaml:4:3: 'prot' is not a known key. Did you mean 'port'?
        shop.yaml:5:9: 'port' is 'abc', which is not a whole number. Write digits only, for example 10.
        shop.yaml:6:9: 'mode' is 'tabel', which is not one of the choices. Write one of: logical, table. Did you mean 'table'?
        shop.yaml:7:19: 'connectTimeout' is '10', which is not a time span. Write a whole number and a unit: 500ms, 10s, 5m, 2h or 1d.
        shop.yaml:10:9: 'path' takes one plain value, not a list. The database file.
        shop.yaml:11:16: 'memoryLimit' is 'lots', which is not a size. Write a whole number and a unit: 64KB, 8MB or 20GB.
        shop.yaml:12:11: 'onDelete' is 'sometimes', which is not one of the choices. Write one of: soft, hard, ignore.
        shop.yaml:13:19: 'every' is '10ms', which is out of range. Write a value from 1s to 365d.
        shop.yaml:16:9: 'mode' is 'hystory', which is not one of the choices. Write one of: merge, append, history. Did you mean 'history'?
        shop.yaml:18:17: 'public.x.y' names no objects. Write schema.table, with '*' for anything within a part; parts with dots or quotes in double quotes.
        shop.yaml:19:26: 'onDelete' is 'never', which is not one of the choices. Write one of: soft, hard, ignore.
        shop.yaml:19:33: 'key' is not a known key. Known here: mode, onDelete.""";
        assertEquals(expected, text(yaml));
    }

    @Test
    void aKeyThatStandsTooFarOutIsToldWhereItBelongs() throws IOException {
        String told = text("beforeLog: {}\nloading: {every: 1h}\nhost: db\n" + SOURCE + DESTINATION);
        assertTrue(told.contains(":1:1: 'beforeLog' is not a known key. It belongs in 'source'."), told);
        assertTrue(told.contains(":2:1: 'loading' is not a known key. It belongs in 'destination'."), told);
        assertTrue(told.contains(":3:1: 'host' is not a known key. It belongs in "), told);
    }

    @Test
    void missingEndsAndKindsAreTold() throws IOException {
        assertEquals(List.of("MISSING_KEY", "MISSING_KEY"), codes(""));
        assertEquals(List.of("MISSING_KEY"), codes(SOURCE));
        assertTrue(text("source: {host: db}\n" + DESTINATION)
                .contains("1:9: 'type' is missing in 'source'. Write one of: postgresql, webhook."));
        String unknown = text("source: {type: postgres, host: db}\n" + DESTINATION);
        assertTrue(unknown.contains("1:16: 'type' names no kind of source known here"), unknown);
        assertTrue(unknown.contains("Did you mean 'postgresql'?"), unknown);
        assertEquals(List.of("WRONG_TYPE"), codes("source: postgresql\n" + DESTINATION));
        assertEquals(List.of("WRONG_TYPE"), codes("source: {type: [postgresql]}\n" + DESTINATION));
    }

    @Test
    void repeatedAndOddKeysAreTold() throws IOException {
        assertTrue(text("name: a\n" + BOTH + "name: b\n")
                .contains("4:1: 'name' stands here a second time. Remove one of them."));
        assertEquals(List.of("WRONG_TYPE"), codes(BOTH + "? [a, b]\n: c\n"));
        assertEquals(List.of("WRONG_TYPE"), codes("- a\n- b\n"));
        assertEquals(List.of("WRONG_TYPE"), codes(BOTH + "objects: {a: b}\n"));
        assertEquals(List.of("WRONG_TYPE"), codes(BOTH + "objects: [[a]]\n"));
        assertEquals(List.of("EMPTY_VALUE"), codes(BOTH + "objects: ['']\n"));
        assertEquals(List.of("BAD_VALUE"), codes(BOTH + "objects: ['!a']\n"));
        assertEquals(List.of("BAD_VALUE"), codes(BOTH + "objects: [a, '!']\n"));
        assertEquals(List.of("MISSING_KEY"), codes(BOTH + "schedule: {}\n"));
        assertEquals(List.of("WRONG_TYPE"), codes(BOTH + "schedule: 15m\n"));
    }

    @Test
    void badNamesAreToldWhereverTheyComeFrom() throws IOException {
        assertTrue(text("name: My Shop\n" + BOTH).contains("1:7: the name 'My Shop' is not a pipeline's name"));
        assertEquals(List.of("BAD_NAME"), codes("name: " + "a".repeat(41) + "\n" + BOTH));
        assertEquals(List.of("BAD_NAME"), codes("name: ../up\n" + BOTH));
        Path file = Files.writeString(folder.resolve("My Shop.yaml"), BOTH);
        assertTrue(loader.loadPipeline(file)
                .problems()
                .text()
                .contains("the file's name 'My Shop', taken as the pipeline's,"));
    }

    @Test
    void brokenReferencesAreToldAndNeverQuoted() throws IOException {
        assertTrue(
                text(withPassword("${env:NOWHERE}")).contains("1:48: the environment variable 'NOWHERE' is not set"));
        assertEquals(List.of("BAD_REFERENCE"), codes(withPassword("${SECRET}")));
        assertEquals(List.of("BAD_REFERENCE"), codes(withPassword("${env:}")));
        assertEquals(List.of("BAD_REFERENCE"), codes(withPassword("${env:A B}")));
        assertEquals(List.of("BAD_REFERENCE"), codes(withPassword("${hunter2")));
        assertEquals(List.of("FILE_UNREADABLE"), codes(withPassword("${file:nowhere}")));
        assertEquals(List.of("FILE_UNREADABLE"), codes(withPassword("${file:}")));
        Files.write(folder.resolve("large"), new byte[65 * 1024]);
        assertTrue(text(withPassword("${file:large}")).contains("is larger than 64 KB"));
        Files.write(folder.resolve("binary"), new byte[] {(byte) 0xC3, 0x28});
        assertTrue(text(withPassword("${file:binary}")).contains("is not UTF-8 text"));
        assertFalse(text(withPassword("${hunter2")).contains("hunter2"));
    }

    @Test
    void aResolvedValueIsNeverQuoted() throws IOException {
        String text = text("source: {type: postgresql, host: db, port: '${env:PORT}'}\n" + DESTINATION);
        assertTrue(text.contains("'port' is '${env:PORT}', which is not a whole number"), text);
        assertFalse(text.contains("hunter2"), text);
    }

    @Test
    void syntaxErrorsHaveTheirPlaceAndNeverQuoteAValue() throws IOException {
        assertTrue(
                text("source: {type: postgresql\ndestination:\n").contains(":2:12: YAML syntax: "),
                text("source: {type: postgresql\ndestination:\n"));
        assertTrue(
                text("source:\n\ttype: postgresql\n").contains(":2:1: YAML syntax: a tab"),
                text("source:\n\ttype: postgresql\n"));
        for (String password : List.of(
                "*hunter2",
                "&hunter2 &x y",
                "!<hunter2",
                "%hunter2",
                "@hunter2",
                "`hunter2",
                "\"\\hunter2",
                "'hunter2")) {
            String text = text("source:\n  type: postgresql\n  host: db\n  password: " + password + "\n" + DESTINATION);
            assertTrue(text.contains("YAML_SYNTAX") || text.contains("YAML syntax"), password + ": " + text);
            assertFalse(text.contains("hunter2"), text);
        }
        assertEquals(List.of("YAML_SYNTAX"), codes(BOTH + "---\n" + BOTH));
        assertEquals(List.of("YAML_SYNTAX"), codes("a: \u0007b\n"));
        assertTrue(text("ok: b\n  a: \u0007b\n").contains(":2:6: the character U+0007"), text("ok: b\n  a: \u0007b\n"));
    }

    @Test
    void whatIsTooMuchIsRefused() throws IOException {
        assertEquals(List.of("TOO_LARGE"), codes("#" + "x".repeat(1 << 20)));
        assertEquals(List.of("TOO_DEEP"), codes("a: " + "[".repeat(100_000)));
        assertEquals(
                List.of("TOO_DEEP"),
                codes(IntStream.range(0, 200)
                        .mapToObj(i -> " ".repeat(i) + "a:\n")
                        .collect(Collectors.joining())));
        String bomb = "a: &a [x, x]\n"
                + IntStream.range(0, 20)
                        .mapToObj(i -> "b" + i + ": &b" + i + " [*" + (i == 0 ? "a" : "b" + (i - 1)) + ", *a]\n")
                        .collect(Collectors.joining());
        assertEquals(List.of("TOO_MANY_ALIASES"), codes(bomb));
        String endless = "transform:\n- steps: &s\n  - if: {when: a, then: *s}\n";
        assertEquals(List.of("TOO_DEEP"), codes(BOTH + endless));
        assertTrue(text(BOTH + endless).contains("refers to what it stands in"), text(BOTH + endless));
        assertEquals(
                201,
                codes(IntStream.range(0, 5_000).mapToObj(i -> "k" + i + ": 1\n").collect(Collectors.joining()))
                        .size());
    }

    @Test
    void aKeyThatHoldsTerminalEscapesIsPrintedWithoutThem() throws IOException {
        String text = text(BOTH + "\"a\\e[2Jb\\nc\": 1\n");
        assertFalse(text.contains("\u001b"), text);
        assertEquals(1, text.lines().count(), text);
    }

    @Test
    void filesThatCannotBeReadAreTold() throws IOException {
        assertEquals(
                "FILE_MISSING",
                loader.loadPipeline(folder.resolve("nowhere.yaml"))
                        .problems()
                        .list()
                        .get(0)
                        .code());
        assertEquals(
                "FILE_UNREADABLE",
                loader.loadPipeline(folder).problems().list().get(0).code());
        Path latin =
                Files.write(folder.resolve("latin.yaml"), "name: a\nname: é".getBytes(StandardCharsets.ISO_8859_1));
        assertTrue(
                loader.loadPipeline(latin).problems().text().contains("latin.yaml:2:7: a byte that is not UTF-8 text"));
        assertEquals(
                List.of("FILE_UNREADABLE"),
                loader.loadPipelines(latin).problems().list().stream()
                        .map(Problem::code)
                        .toList());
    }

    @Test
    void orThrowListsEveryError() throws IOException {
        Path file = Files.writeString(folder.resolve("shop.yaml"), BOTH + "colour: red\nshape: round\n");
        MillraceException failure = assertThrows(
                MillraceException.class, () -> loader.loadPipeline(file).orThrow());
        assertEquals("CONFIGURATION_INVALID", failure.code());
        assertTrue(failure.getMessage().contains("2 problems"), failure.getMessage());
        assertTrue(
                failure.getMessage().contains("'colour'")
                        && failure.getMessage().contains("'shape'"),
                failure.getMessage());
    }

    private static String withPassword(String written) {
        return "source: {type: postgresql, host: db, password: '" + written + "'}\n" + DESTINATION;
    }

    private List<String> codes(String yaml) throws IOException {
        return load(yaml).list().stream().map(Problem::code).toList();
    }

    private String text(String yaml) throws IOException {
        return load(yaml).text().replace(folder + "/", "");
    }

    private Problems load(String yaml) throws IOException {
        return loader.loadPipeline(Files.writeString(folder.resolve("shop.yaml"), yaml))
                .problems();
    }
}
