package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The objects of a pipeline as its definition names them: {@code schema.table}, {@code *} for anything within a part, {@code !} in front
 * takes out, a name without schema is in {@code public}, and a part in double quotes is taken as it stands. Immutable.
 */
final class ObjectPatterns {
    private record Part(Pattern pattern, String plain) {
        boolean matches(String name) {
            return plain != null ? plain.equals(name) : pattern.matcher(name).matches();
        }
    }

    private record Choice(String written, boolean excludes, Part schema, Part table) {
        boolean matches(TableName name) {
            return schema.matches(name.schema()) && table.matches(name.name());
        }

        boolean plain() {
            return schema.plain != null && table.plain != null;
        }
    }

    private final List<Choice> choices;

    ObjectPatterns(List<String> objects) {
        List<Choice> parsed = new ArrayList<>();
        for (String object : objects) {
            boolean excludes = object.startsWith("!");
            List<Part> parts = parts(object, excludes ? object.substring(1) : object);
            parsed.add(
                    parts.size() == 1
                            ? new Choice(object, excludes, new Part(null, "public"), parts.get(0))
                            : new Choice(object, excludes, parts.get(0), parts.get(1)));
        }
        choices = List.copyOf(parsed);
    }

    /** Whether what isn't there yet can be chosen by more than its own name. */
    boolean open() {
        return choices.stream().anyMatch(choice -> !choice.excludes && !choice.plain());
    }

    /** Whether a table is chosen by its own name. */
    boolean names(TableName table) {
        return choices.stream().anyMatch(choice -> !choice.excludes && choice.plain() && choice.matches(table));
    }

    /** What takes these tables out again. */
    static List<String> excluding(Collection<TableName> tables) {
        return tables.stream()
                .map(table -> "!" + Quoted.identifier(table.schema()) + "." + Quoted.identifier(table.name()))
                .toList();
    }

    /** Those among {@code present} that are chosen, in order; maybe none. */
    List<TableName> matching(Collection<TableName> present) {
        return present.stream()
                .filter(name -> choices.stream().anyMatch(choice -> !choice.excludes && choice.matches(name)))
                .filter(name -> choices.stream().noneMatch(choice -> choice.excludes && choice.matches(name)))
                .sorted()
                .toList();
    }

    /**
     * The chosen ones among {@code present}, in order.
     *
     * @throws MillraceException USER OBJECT_NOT_FOUND for a name without {@code *} that is not there, or when nothing is chosen
     */
    List<TableName> choose(Collection<TableName> present) {
        Set<TableName> chosen = new TreeSet<>();
        for (Choice choice : choices) {
            if (choice.excludes) {
                continue;
            }
            List<TableName> matching = present.stream().filter(choice::matches).toList();
            if (matching.isEmpty() && choice.plain()) {
                throw notFound(choice, present);
            }
            chosen.addAll(matching);
        }
        choices.stream().filter(Choice::excludes).forEach(choice -> chosen.removeIf(choice::matches));
        if (chosen.isEmpty()) {
            throw MillraceException.user(
                    "OBJECT_NOT_FOUND",
                    "No table is chosen",
                    "none of " + present.size() + " tables matches "
                            + choices.stream().map(Choice::written).toList(),
                    "Name tables as schema.table, or patterns like public.*; 'millrace discover' lists what is there.");
        }
        return List.copyOf(chosen);
    }

    private static MillraceException notFound(Choice choice, Collection<TableName> present) {
        String wanted = choice.schema.plain + "." + choice.table.plain;
        String nearest = present.stream()
                .map(TableName::toString)
                .min(Comparator.comparingInt(
                        name -> distance(wanted.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT))))
                .filter(name -> distance(wanted.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT))
                        <= Math.max(2, wanted.length() / 3))
                .map(name -> "Did you mean " + name + "?")
                .orElse("'millrace discover' lists what is there.");
        return MillraceException.user(
                "OBJECT_NOT_FOUND",
                "Table " + wanted + " is not there",
                "it does not exist, is a view, or may not be seen by this user",
                nearest);
    }

    private static List<Part> parts(String written, String text) {
        List<Part> parts = new ArrayList<>();
        int place = 0;
        while (place <= text.length()) {
            int end;
            if (text.startsWith("\"", place)) {
                end = place + 1;
                StringBuilder name = new StringBuilder();
                while (end < text.length() && (text.charAt(end) != '"' || text.startsWith("\"\"", end))) {
                    name.append(text.charAt(end));
                    end += text.charAt(end) == '"' ? 2 : 1;
                }
                end++;
                parts.add(new Part(null, name.toString()));
            } else {
                int dot = text.indexOf('.', place);
                end = dot < 0 ? text.length() : dot;
                parts.add(unquoted(text.substring(place, end)));
            }
            if (end > text.length() || end < text.length() && text.charAt(end) != '.') {
                throw malformed(written);
            }
            place = end + 1;
        }
        if (parts.size() > 2 || parts.stream().anyMatch(part -> part.plain != null && part.plain.isEmpty())) {
            throw malformed(written);
        }
        return parts;
    }

    private static Part unquoted(String text) {
        if (text.indexOf('*') < 0) {
            return new Part(null, text);
        }
        String[] pieces = text.split("\\*", -1);
        String pattern = Arrays.stream(pieces).map(Pattern::quote).collect(Collectors.joining(".*"));
        return new Part(Pattern.compile(pattern, Pattern.DOTALL), null);
    }

    private static MillraceException malformed(String written) {
        return MillraceException.user(
                "OBJECT_NAME_MALFORMED",
                "Cannot read object name '" + written + "'",
                "it is not schema.table",
                "Put parts with dots or quotes into double quotes: \"odd.schema\".\"my table\".");
    }

    /** Levenshtein's distance, by the two-row method of Wagner and Fischer. */
    private static int distance(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[b.length()];
    }
}
