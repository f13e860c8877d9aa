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
     * What the definitions were read from, as it stood then; empty for none, and for definitions that came from no file.
     *
     * @throws MillraceException USER SCRIPT_UNREADABLE
     */
    public static Optional<TransformText> of(List<TransformDefinition> definitions) {
        if (definitions.isEmpty() || definitions.get(0).written().isEmpty()) {
            return Optional.empty();
        }
        TransformDefinition first = definitions.get(0);
        Map<Path, String> scripts = new LinkedHashMap<>();
        for (TransformDefinition definition : definitions) {
            for (StepDefinition step : definition.steps()) {
                if (step instanceof StepDefinition.Script script) {
                    scripts.put(script.file(), text(script));
                }
            }
        }
        return Optional.of(new TransformText(first.place().file(), first.written(), scripts));
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
            throw unreadable(file, String.valueOf(unreadable.getMessage()));
        }
    }

    /**
     * The script's text as it was when the step was read.
     *
     * @throws MillraceException USER SCRIPT_UNREADABLE where it could not be read
     */
    public static String text(StepDefinition.Script script) {
        return script.text()
                .orElseThrow(
                        () -> unreadable(script.file(), "it could not be when the pipeline's definition was read"));
    }

    private static MillraceException unreadable(Path file, String why) {
        return MillraceException.user(
                "SCRIPT_UNREADABLE",
                "The file '" + file + "' can't be read",
                why,
                "Check its path, which is taken from the pipeline file's folder, and its permissions; it is UTF-8 text.");
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
            return new TransformReader(file, Optional.of(yaml), this::script, problems).read(top);
        });
        return new Loaded<>(problems.hasErrors() ? Optional.empty() : definitions, new Problems(problems.all()));
    }

    /** Of one that it doesn't name, what stands in its file now. */
    private String script(Path script) {
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
