package dev.millrace.config.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads one YAML file into its top mapping, with the place of every node. Whatever the file holds, the outcome is a mapping or problems:
 * size, depth and aliases are limited before the tree is built. Stateless.
 */
final class YamlFile {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 30;
    private static final int MAX_ALIASES = 20;

    private static final Pattern LINE_BREAK = Pattern.compile("\\r\\n|[\\r\\n]");

    private YamlFile() {}

    /** The top mapping, an empty one for an empty file; empty when problems were added. */
    static Optional<MappingNode> read(Path file, ProblemCollector problems) {
        return text(file, problems).flatMap(text -> parse(text, problems));
    }

    /** Its text, without the mark of a byte order; empty when problems were added. */
    static Optional<String> text(Path file, ProblemCollector problems) {
        return bytes(file, problems).flatMap(bytes -> text(bytes, problems));
    }

    private static Optional<byte[]> bytes(Path file, ProblemCollector problems) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                problems.error(1, 1, "TOO_LARGE", "the file is larger than 1 MB", "Split it into several pipelines.");
                return Optional.empty();
            }
            return Optional.of(bytes);
        } catch (NoSuchFileException missing) {
            problems.error(1, 1, "FILE_MISSING", "there is no such file", "Check the path.");
        } catch (AccessDeniedException denied) {
            problems.error(
                    1,
                    1,
                    "FILE_UNREADABLE",
                    "the file may not be read by this user",
                    "Give read permission to the user who runs Millrace.");
        } catch (IOException failed) {
            String why = Files.isDirectory(file) ? "it is a folder" : String.valueOf(failed.getMessage());
            problems.error(1, 1, "FILE_UNREADABLE", "the file can't be read: " + why, "Name a YAML file.");
        }
        return Optional.empty();
    }

    private static Optional<String> text(byte[] bytes, ProblemCollector problems) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            error(text, problems, "NOT_UTF8", "a byte that is not UTF-8 text", "Save the file as UTF-8.");
            return Optional.empty();
        }
        return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
    }

    /** As {@link #read}, of a text that has been read already. */
    static Optional<MappingNode> parse(String text, ProblemCollector problems) {
        LoadSettings settings = LoadSettings.builder()
                .setUseMarks(true)
                .setAllowDuplicateKeys(true)
                .setAllowNonScalarKeys(true)
                .setCodePointLimit(MAX_BYTES)
                .setParseComments(false)
                .build();
        try {
            if (!withinLimits(new Parse(settings).parseString(text), problems)) {
                return Optional.empty();
            }
            Optional<Node> root = new Compose(settings).composeString(text);
            if (root.isEmpty() || Section.isNull(root.get())) {
                return Optional.of(new MappingNode(Tag.MAP, List.of(), FlowStyle.BLOCK));
            }
            if (root.get() instanceof MappingNode mapping) {
                return Optional.of(mapping);
            }
            problems.error(
                    root.get(),
                    "WRONG_TYPE",
                    "the file is not a mapping of keys to values",
                    "Begin with 'key: value' lines.");
        } catch (MarkedYamlEngineException broken) {
            syntax(broken, problems);
        } catch (ReaderException unreadable) {
            int count = Math.min(unreadable.getPosition(), text.codePointCount(0, text.length()));
            String before = text.substring(0, text.offsetByCodePoints(0, count));
            String character = String.format(Locale.ROOT, "U+%04X", unreadable.getCodePoint());
            error(
                    before,
                    problems,
                    "YAML_SYNTAX",
                    "the character " + character + " is not allowed in YAML",
                    "Remove it.");
        } catch (YamlEngineException other) {
            problems.error(1, 1, "YAML_SYNTAX", "the file is not YAML that can be read", "Check its syntax.");
        }
        return Optional.empty();
    }

    private static boolean withinLimits(Iterable<Event> events, ProblemCollector problems) {
        Deque<Optional<Anchor>> open = new ArrayDeque<>();
        int aliases = 0;
        boolean endless = false;
        for (Event event : events) {
            switch (event.getEventId()) {
                case MappingStart, SequenceStart -> open.push(((NodeEvent) event).getAnchor());
                case MappingEnd, SequenceEnd -> open.pop();
                case Alias -> {
                    aliases++;
                    endless = open.contains(Optional.of(((AliasEvent) event).getAlias()));
                }
                default -> {}
            }
            if (open.size() > MAX_DEPTH || endless || aliases > MAX_ALIASES) {
                String code = open.size() > MAX_DEPTH || endless ? "TOO_DEEP" : "TOO_MANY_ALIASES";
                String message = endless
                        ? "an alias ('*name') refers to what it stands in"
                        : open.size() > MAX_DEPTH
                                ? "nested deeper than " + MAX_DEPTH + " levels"
                                : "more than " + MAX_ALIASES + " aliases ('*name')";
                event.getStartMark()
                        .ifPresentOrElse(
                                mark -> problems.error(mark, code, message, "Write it plainly."),
                                () -> problems.error(1, 1, code, message, "Write it plainly."));
                return false;
            }
        }
        return true;
    }

    /** The parser's own words, but for those that quote the file: a quoted piece may be a password. */
    private static void syntax(MarkedYamlEngineException broken, ProblemCollector problems) {
        String found = broken.getProblem() == null ? "" : broken.getProblem();
        String message = found;
        String suggestion = "";
        if (found.contains("alias")) {
            message = "a value that begins with '*' refers to an anchor, and there is none of that name";
            suggestion = "Put the value in quotes.";
        } else if (found.contains("anchor")
                || found.contains("tag")
                || found.contains("directive")
                || found.contains("handle")) {
            message = "a value that begins with '&', '!' or '%' means something of its own in YAML";
            suggestion = "Put the value in quotes.";
        } else if (found.contains("TAB")) {
            message = "a tab where YAML allows only spaces";
            suggestion = "Indent with spaces.";
        } else if (found.contains("mapping values are not allowed")) {
            suggestion = "Check the indentation, or put a value that holds ': ' in quotes.";
        } else if (found.contains("cannot start any token")) {
            suggestion = "Put the value in quotes.";
        } else if (found.contains("another document")) {
            message = "a second document begins here";
            suggestion = "Put each pipeline in a file of its own.";
        } else if (found.isEmpty()) {
            message = "the file is not YAML that can be read";
        } else {
            suggestion = "Check indentation, quotes and brackets from here upwards.";
        }
        Optional<Mark> mark = broken.getProblemMark().or(broken::getContextMark);
        int line = mark.map(Mark::getLine).orElse(0) + 1;
        int column = mark.map(Mark::getColumn).orElse(0) + 1;
        problems.error(line, column, "YAML_SYNTAX", "YAML syntax: " + message, suggestion);
    }

    /** A problem at the end of {@code before}; lines end as in YAML, by LF, CR or both. */
    private static void error(
            String before, ProblemCollector problems, String code, String message, String suggestion) {
        String[] lines = LINE_BREAK.split(before, -1);
        String last = lines[lines.length - 1];
        problems.error(lines.length, last.codePointCount(0, last.length()) + 1, code, message, suggestion);
    }
}
