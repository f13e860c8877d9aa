package dev.millrace.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever becomes of a file, it loads or its problems are told, at places inside it and without the secret. */
class MutatedFileTest {
    private static final String SECRET = "Tr0ub4dor";
    private static final List<String> PIECES = List.of(
            "\t",
            "\n",
            "  ",
            ": ",
            ":",
            "- ",
            "{",
            "}",
            "[",
            "]",
            "'",
            "\"",
            "#",
            "&a ",
            "*a",
            "!x ",
            "!!int ",
            "|\n",
            ">-\n",
            "%",
            "@",
            "`",
            "? ",
            "---\n",
            "...\n",
            "~",
            "null",
            "\\",
            "${",
            "${env:SECRET}",
            "${env:NO}",
            "$${",
            "}",
            "é",
            "😀",
            "\u0000",
            "\u0085",
            "\u2028",
            "\uFEFF",
            "\r",
            "<<: *a\n",
            "source",
            "type: ",
            "999999999999999999999",
            ",",
            "name: a\n");
    private static final String PIPELINE = """
      name: shop   # a comment
      source:
        type: postgresql
        host: "localhost"
        port: 5432
        password: Tr0ub4dor
        connectTimeout: 10s
      objects: [public.film, "!public.audit_*"]
      destination: {type: duckdb, path: 'shop.duckdb', memoryLimit: 1GB}
      onDelete: hard
      guarantee: exactly-once
      schedule:
        every: 15m
      """;

    @TempDir
    Path folder;

    @Test
    void everyMutationLoadsOrIsToldInItsPlace() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        ConfigLoader loader = new ConfigLoader(Kinds.SOURCES, Kinds.DESTINATIONS, Map.of("SECRET", SECRET)::get);
        Path file = folder.resolve("shop.yaml");
        int refused = 0;
        for (int i = 0; i < 4_000; i++) {
            byte[] mutated = mutated(random);
            Files.write(file, mutated);
            String about = "seed " + seed + ", round " + i + ":\n" + new String(mutated, StandardCharsets.UTF_8);
            Problems problems = load(loader, file, about);
            refused += problems.hasErrors() ? 1 : 0;
            // Where the secret has become a key or part of another value, it is no secret any more and may be shown.
            boolean stillSecret =
                    new String(mutated, StandardCharsets.UTF_8).contains("\n  password: " + SECRET + "\n");
            String[] lines = new String(mutated, StandardCharsets.UTF_8).split("\r\n|[\n\r]", -1);
            for (Problem problem : problems.list()) {
                assertTrue(problem.line() <= lines.length, () -> problem + "\n" + about);
                String line = lines[problem.line() - 1];
                assertTrue(problem.column() <= line.codePointCount(0, line.length()) + 1, () -> problem + "\n" + about);
                assertFalse(
                        stillSecret
                                && problem.code().equals("YAML_SYNTAX")
                                && problem.text().contains(SECRET),
                        () -> problem + "\n" + about);
            }
        }
        assertTrue(refused > 1_000, "only " + refused + " mutations were refused, seed " + seed);
    }

    @Test
    void theUnmutatedFileLoads() throws IOException {
        ConfigLoader loader = new ConfigLoader(Kinds.SOURCES, Kinds.DESTINATIONS, name -> null);
        Problems problems = loader.loadPipeline(Files.writeString(folder.resolve("shop.yaml"), PIPELINE))
                .problems();
        assertEquals(
                List.of("PLAIN_SECRET"),
                problems.list().stream().map(Problem::code).toList());
    }

    private static Problems load(ConfigLoader loader, Path file, String about) {
        try {
            return loader.loadPipeline(file).problems();
        } catch (RuntimeException | StackOverflowError escaped) {
            throw new AssertionError(about, escaped);
        }
    }

    private static byte[] mutated(SplittableRandom random) {
        StringBuilder text = new StringBuilder(PIPELINE);
        int edits = random.nextInt(1, 5);
        for (int i = 0; i < edits && text.length() > 0; i++) {
            int at = random.nextInt(text.length());
            int end = Math.min(text.length(), at + random.nextInt(1, 12));
            switch (random.nextInt(5)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 2 -> text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
                case 3 -> text.insert(at, text.substring(at, end));
                default -> text.setCharAt(at, (char) random.nextInt(0x20, 0x7F));
            }
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(20) == 0 && bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }
}
