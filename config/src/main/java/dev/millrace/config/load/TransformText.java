package dev.millrace.config.load;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.transform.StepDefinition;
import dev.millrace.config.transform.TransformDefinition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/**
 * A pipeline's {@code transform} as it is written, with the scripts it names: all that is needed to make the same of it later. References to
 * secrets stand in it as references.
 *
 * @param file the pipeline's file
 * @param yaml the file from its beginning, with nothing but {@code transform} left in, so that places stay what they are
 * @param scripts by file
 */
public record TransformText(Path file, String yaml, Map<Path, String> scripts) {
    /** Stands between the parts of the stored form; in no YAML and no sensible script. */
    private static final char SEPARATOR = '\u0000';

    public TransformText {
        Objects.requireNonNull(file);
        Objects.requireNonNull(yaml);
        scripts = Map.copyOf(scripts);
    }

    /**
     * What stands in the file that the definitions were read from; empty for none, and for definitions that came from no file.
     *
     * @throws MillraceException USER SCRIPT_UNREADABLE; TRANSFORM_NOT_APART where it can't be understood without the rest of the file
     */
    public static Optional<TransformText> of(List<TransformDefinition> definitions) {
        if (definitions.isEmpty()
                || !Files.isRegularFile(definitions.get(0).place().file())) {
            return Optional.empty();
        }
        Path file = definitions.get(0).place().file();
        Map<Path, String> scripts = new LinkedHashMap<>();
        for (TransformDefinition definition : definitions) {
            for (StepDefinition step : definition.steps()) {
                if (step instanceof StepDefinition.Script script) {
                    scripts.put(script.file(), read(script.file()));
                }
            }
        }
        String yaml = TransformPart.of(withoutMark(read(file)), new ProblemCollector(file))
                .orElseThrow(() -> notApart(file));
        return Optional.of(new TransformText(file, yaml, scripts));
    }

    /**
     * A script's or a pipeline's text.
     *
     * @throws MillraceException USER SCRIPT_UNREADABLE
     */
    public static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw MillraceException.user(
                    "SCRIPT_UNREADABLE",
                    "The file '" + file + "' can't be read",
                    String.valueOf(unreadable.getMessage()),
                    "Check its path, which is taken from the pipeline file's folder, and its permissions; it is UTF-8 text.");
        }
    }

    /** As the loader reads it: the mark of a byte order is no part of the text. */
    private static String withoutMark(String yaml) {
        return yaml.startsWith("\uFEFF") ? yaml.substring(1) : yaml;
    }

    private static MillraceException notApart(Path file) {
        return MillraceException.user(
                "TRANSFORM_NOT_APART",
                "'transform' in '" + file + "' can't be kept as a version",
                "it refers to an anchor ('*name') elsewhere in the file, or was changed while it was read",
                "Write what is referred to within 'transform'.");
    }

    /** The YAML for people, from its first line on: secrets that stand in it in the clear are masked. */
    public String shown() {
        return TransformPart.masked(yaml, new ProblemCollector(file)).strip();
    }

    /** The definitions it holds. Problems are those of the environment now: a variable that is gone. */
    public Loaded<List<TransformDefinition>> definitions(UnaryOperator<String> environment) {
        ProblemCollector problems = new ProblemCollector(file);
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file.toAbsolutePath());
        Optional<MappingNode> root = YamlFile.parse(yaml, problems);
        Optional<List<TransformDefinition>> definitions = root.map(mapping -> {
            Section top = new Section(mapping, new References(environment, folder), folder, problems);
            return top.has("transform") ? new TransformReader(file, problems).read(top) : List.of();
        });
        return new Loaded<>(problems.hasErrors() ? Optional.empty() : definitions, new Problems(problems.all()));
    }

    /**
     * The text of a script it names.
     *
     * @throws MillraceException USER SCRIPT_UNREADABLE when it names no such file
     */
    public String script(Path script) {
        String text = scripts.get(script);
        return text == null ? read(script) : text;
    }

    /** SHA-256 over the stored form but for the lines above {@code transform}, in hexadecimal digits. */
    public String hash() {
        try {
            byte[] text = new TransformText(file, yaml.strip(), scripts).stored();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text);
            return HexFormat.of().formatHex(hash);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** UTF-8: the file, the YAML, then each script's file and text in the order of their names, a NUL between any two. */
    public byte[] stored() {
        List<String> parts = new ArrayList<>(List.of(file.toString(), yaml));
        scripts.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(script -> {
            parts.add(script.getKey().toString());
            parts.add(script.getValue());
        });
        return String.join(String.valueOf(SEPARATOR), parts).getBytes(StandardCharsets.UTF_8);
    }

    /** From {@link #stored}. */
    public static TransformText of(byte[] stored) {
        String[] parts = new String(stored, StandardCharsets.UTF_8).split(String.valueOf(SEPARATOR), -1);
        if (parts.length < 2 || parts.length % 2 != 0) {
            throw new IllegalArgumentException("not a stored transformation");
        }
        Map<Path, String> scripts = new LinkedHashMap<>();
        for (int i = 2; i < parts.length; i += 2) {
            scripts.put(Path.of(parts[i]), parts[i + 1]);
        }
        return new TransformText(Path.of(parts[0]), parts[1], scripts);
    }
}
