package dev.millrace.config.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Resolves references in values: <code>${env:NAME}</code>, <code>${env:NAME:-default}</code> (the default also for an empty variable) and
 * <code>${file:/path}</code> (UTF-8, at most 64 KB, one line break at its end left out; a relative path is taken from the defining file's
 * folder). <code>$${</code> stands for a literal <code>${</code>. What was resolved is not looked at again. No complaint quotes a resolved
 * value or an unknown reference.
 */
final class References {
    private static final int MAX_FILE_BYTES = 64 * 1024;
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final UnaryOperator<String> environment;
    private final Path folder;

    /** {@code environment} gives a variable's value, null when it is not set. */
    References(UnaryOperator<String> environment, Path folder) {
        this.environment = environment;
        this.folder = folder;
    }

    /** Takes the complaint about a reference. */
    interface Complaint {
        void add(String code, String message, String suggestion);
    }

    /** Whether the text refers to anything. */
    static boolean in(String text) {
        return text.replace("$${", "").contains("${");
    }

    /** The text with everything resolved, or empty after a complaint. */
    Optional<String> resolve(String text, Complaint complaint) {
        StringBuilder resolved = new StringBuilder();
        int at = 0;
        while (true) {
            int dollar = text.indexOf("${", at);
            if (dollar < 0) {
                return Optional.of(resolved.append(text, at, text.length()).toString());
            }
            if (dollar > at && text.charAt(dollar - 1) == '$') {
                resolved.append(text, at, dollar - 1).append("${");
                at = dollar + 2;
                continue;
            }
            int end = text.indexOf('}', dollar);
            if (end < 0) {
                complaint.add(
                        "BAD_REFERENCE",
                        "a reference begins with '${' and has no '}'",
                        "Write $${ where ${ is meant as it stands.");
                return Optional.empty();
            }
            Optional<String> value = value(text.substring(dollar + 2, end), complaint);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            resolved.append(text, at, dollar).append(value.get());
            at = end + 1;
        }
    }

    private Optional<String> value(String reference, Complaint complaint) {
        if (reference.startsWith("env:")) {
            return variable(reference.substring("env:".length()), complaint);
        }
        if (reference.startsWith("file:")) {
            return file(reference.substring("file:".length()), complaint);
        }
        complaint.add(
                "BAD_REFERENCE",
                "a reference is neither ${env:NAME}, ${env:NAME:-default} nor ${file:/path}",
                NAME.matcher(reference).matches()
                        ? "Write ${env:…} for an environment variable."
                        : "Write $${ where ${ is meant as it stands.");
        return Optional.empty();
    }

    private Optional<String> variable(String body, Complaint complaint) {
        int mark = body.indexOf(":-");
        String name = mark < 0 ? body : body.substring(0, mark);
        if (!NAME.matcher(name).matches()) {
            complaint.add(
                    "BAD_REFERENCE",
                    "${env:…} does not hold a variable's name",
                    "Use letters, digits and '_', for example ${env:DB_PASSWORD}.");
            return Optional.empty();
        }
        String value = environment.apply(name);
        if (mark >= 0 && (value == null || value.isEmpty())) {
            return Optional.of(body.substring(mark + 2));
        }
        if (value == null) {
            complaint.add(
                    "UNSET_VARIABLE",
                    "the environment variable '" + name + "' is not set",
                    "Set it for the user who runs Millrace, or give a default: ${env:" + name + ":-…}.");
        }
        return Optional.ofNullable(value);
    }

    private Optional<String> file(String path, Complaint complaint) {
        try (InputStream in = Files.newInputStream(folder.resolve(path))) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                complaint.add(
                        "FILE_UNREADABLE",
                        "the file '" + path + "' is larger than 64 KB",
                        "Name a file that holds only the value.");
                return Optional.empty();
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return Optional.of(
                    text.endsWith("\r\n")
                            ? text.substring(0, text.length() - 2)
                            : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
        } catch (CharacterCodingException notText) {
            complaint.add("FILE_UNREADABLE", "the file '" + path + "' is not UTF-8 text", "Save it as UTF-8.");
        } catch (IOException failed) {
            String why = Files.exists(folder.resolve(path)) ? "can't be read by this user" : "is not there";
            complaint.add("FILE_UNREADABLE", "the file '" + path + "' " + why, "Check the path and its permissions.");
        } catch (InvalidPathException notAPath) {
            complaint.add("FILE_UNREADABLE", "${file:…} does not hold a path", "Write ${file:/path/to/file}.");
        }
        return Optional.empty();
    }
}
