package dev.millrace.config.load;

import dev.millrace.config.pipeline.Condition;
import dev.millrace.config.pipeline.Condition.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads {@code country in ('DE', 'AT') and age >= 18 and "left at" is null}: comparisons of a column with a value, joined by {@code and}.
 * Columns with spaces or signs in their names stand in double quotes, values in single quotes or, where they are one word, as they are.
 */
final class ConditionParser {
    private static final String SIGNS = "=!<>(),";

    private final String text;
    private int at;

    private ConditionParser(String text) {
        this.text = text;
    }

    /** What is wrong, and with how many characters before it. */
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Malformed(String why) {
            super(why, null, false, false);
        }
    }

    /** @throws Malformed when it can't be read */
    static List<Condition> parse(String text) {
        ConditionParser parser = new ConditionParser(text);
        List<Condition> conditions = new ArrayList<>();
        do {
            conditions.add(parser.condition());
        } while (parser.word("and"));
        parser.blanks();
        if (parser.at < text.length()) {
            throw parser.expected("'and' or the end");
        }
        return conditions;
    }

    private Condition condition() {
        String column = item('"', "a column's name");
        if (word("is")) {
            boolean not = word("not");
            if (!word("null")) {
                throw expected("'null'");
            }
            return new Condition(column, not ? Operator.IS_NOT_NULL : Operator.IS_NULL, List.of());
        }
        if (word("in")) {
            return new Condition(column, Operator.IN, list());
        }
        Operator operator = sign().orElseThrow(() -> expected("=, !=, <, <=, >, >=, in or is"));
        return new Condition(column, operator, List.of(item('\'', "a value")));
    }

    private List<String> list() {
        List<String> values = new ArrayList<>();
        if (!take("(")) {
            throw expected("'('");
        }
        do {
            values.add(item('\'', "a value"));
        } while (take(","));
        if (!take(")")) {
            throw expected("',' or ')'");
        }
        return values;
    }

    private Optional<Operator> sign() {
        if (take("!=") || take("<>")) {
            return Optional.of(Operator.NOT_EQUAL);
        } else if (take("<=")) {
            return Optional.of(Operator.AT_MOST);
        } else if (take(">=")) {
            return Optional.of(Operator.AT_LEAST);
        } else if (take("<")) {
            return Optional.of(Operator.LESS);
        } else if (take(">")) {
            return Optional.of(Operator.GREATER);
        }
        return take("=") ? Optional.of(Operator.EQUAL) : Optional.empty();
    }

    /** A word, or a text in quotes, where a doubled quote stands for itself. */
    private String item(char quote, String what) {
        blanks();
        if (at < text.length() && text.charAt(at) == quote) {
            return quoted(quote, what);
        }
        int begin = at;
        while (at < text.length()
                && !Character.isWhitespace(text.charAt(at))
                && SIGNS.indexOf(text.charAt(at)) < 0
                && text.charAt(at) != '\''
                && text.charAt(at) != '"') {
            at++;
        }
        if (at == begin) {
            throw expected(what);
        }
        return text.substring(begin, at);
    }

    private String quoted(char quote, String what) {
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length(); at++) {
            if (text.charAt(at) != quote) {
                value.append(text.charAt(at));
            } else if (at + 1 < text.length() && text.charAt(at + 1) == quote) {
                value.append(quote);
                at++;
            } else {
                at++;
                return value.toString();
            }
        }
        throw expected("the end of " + what + ", " + quote + ",");
    }

    /** Whether this word comes, which is then taken. */
    private boolean word(String word) {
        blanks();
        int end = at + word.length();
        boolean comes = end <= text.length()
                && text.substring(at, end).toLowerCase(Locale.ROOT).equals(word)
                && (end == text.length()
                        || Character.isWhitespace(text.charAt(end))
                        || text.charAt(end) == '('
                        || text.charAt(end) == '"');
        if (comes) {
            at = end;
        }
        return comes;
    }

    private boolean take(String sign) {
        blanks();
        boolean comes = text.startsWith(sign, at);
        at += comes ? sign.length() : 0;
        return comes;
    }

    private void blanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private Malformed expected(String what) {
        return new Malformed(what + " is expected at character " + (at + 1));
    }
}
