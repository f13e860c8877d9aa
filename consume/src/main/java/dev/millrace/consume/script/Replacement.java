package dev.millrace.consume.script;

import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Undefined;

/** Expands {@code $1}, {@code $&} and their like in the text that stands in for a match (ECMAScript, GetSubstitution). */
final class Replacement {
    private Replacement() {}

    /** @param match what a replacing function gets: the match, its groups, where it begins, the text, and the named groups if there are any */
    static String expand(LimitedContext context, String with, Object[] match) {
        boolean named = match[match.length - 1] instanceof Scriptable;
        int end = named ? match.length - 1 : match.length;
        Scriptable names = named ? (Scriptable) match[match.length - 1] : null;
        String text = ScriptRuntime.toString(match[end - 1]);
        int at = (int) ScriptRuntime.toInteger(match[end - 2]);
        String matched = ScriptRuntime.toString(match[0]);
        StringBuilder result = new StringBuilder();
        int i = 0;
        while (i < with.length()) {
            if (result.length() > context.limits().maxCharacters()) {
                context.chargeText(Long.MAX_VALUE);
            }
            char next = i + 1 < with.length() ? with.charAt(i + 1) : ' ';
            if (with.charAt(i) != '$') {
                result.append(with.charAt(i++));
            } else if (next == '$') {
                result.append('$');
                i += 2;
            } else if (next == '&') {
                result.append(matched);
                i += 2;
            } else if (next == '`') {
                result.append(text, 0, at);
                i += 2;
            } else if (next == '\'') {
                result.append(text, Math.min(text.length(), at + matched.length()), text.length());
                i += 2;
            } else if (next == '<' && names != null && with.indexOf('>', i) > 0) {
                int close = with.indexOf('>', i);
                append(result, ScriptableObject.getProperty(names, with.substring(i + 2, close)));
                i = close + 1;
            } else {
                i = group(result, with, i, match, end - 3);
            }
        }
        return result.toString();
    }

    /** A group by its number of one or two digits, or the dollar sign itself. */
    private static int group(StringBuilder result, String with, int at, Object[] match, int groups) {
        for (int digits = 2; digits >= 1; digits--) {
            if (at + digits < with.length()
                    && with.substring(at + 1, at + 1 + digits).chars().allMatch(Replacement::isDigit)) {
                int number = Integer.parseInt(with.substring(at + 1, at + 1 + digits));
                if (number >= 1 && number <= groups) {
                    append(result, match[number]);
                    return at + 1 + digits;
                }
            }
        }
        result.append('$');
        return at + 1;
    }

    private static boolean isDigit(int character) {
        return character >= '0' && character <= '9';
    }

    private static void append(StringBuilder result, Object group) {
        if (group != Scriptable.NOT_FOUND && !Undefined.isUndefined(group)) {
            result.append(ScriptRuntime.toString(group));
        }
    }
}
