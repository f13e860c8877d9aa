package dev.millrace.consume.transform.steps;

import dev.millrace.consume.transform.EventFailure;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads JSON text (RFC 8259) in place: whether it is, and where a member stands. Of a key that stands twice the last one counts. Bounded in
 * depth. Confined to one thread.
 */
final class JsonText {
    private static final int MAX_DEPTH = 500;

    private final String text;
    private int at;

    private JsonText(String text) {
        this.text = text;
    }

    /** @throws EventFailure for what is no JSON */
    static void require(String text) {
        JsonText json = new JsonText(text);
        json.value(0);
        json.end();
    }

    /**
     * The raw text of the member that {@code path} names, null where there is none; the text is checked as a whole.
     *
     * @throws EventFailure for what is no JSON
     */
    static String find(String text, List<String> path) {
        JsonText json = new JsonText(text);
        String found = json.member(path, 0);
        json.end();
        return found;
    }

    /**
     * What a raw string stands for; other values are their own text.
     *
     * @throws EventFailure for half a character, which no text of a database holds
     */
    static String plain(String raw) {
        if (raw.charAt(0) != '"') {
            return raw;
        }
        StringBuilder text = new StringBuilder(raw.length());
        for (int i = 1; i < raw.length() - 1; i++) {
            char next = raw.charAt(i);
            if (next != '\\') {
                text.append(next);
                continue;
            }
            char code = raw.charAt(++i);
            switch (code) {
                case 'n' -> text.append('\n');
                case 't' -> text.append('\t');
                case 'r' -> text.append('\r');
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'u' -> {
                    text.append((char) Integer.parseInt(raw, i + 1, i + 5, 16));
                    i += 4;
                }
                default -> text.append(code);
            }
        }
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int character = text.codePointAt(i);
            if (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
                throw new EventFailure(
                        "TRANSFORM_JSON",
                        "",
                        String.format("it holds half a character, \\u%04x without its other half", character),
                        "Correct the row at the source, or leave the column as it is.");
            }
        }
        return text.toString();
    }

    private String member(List<String> path, int depth) {
        space();
        if (depth == path.size()) {
            int begin = at;
            value(depth);
            return text.substring(begin, at);
        }
        char first = peek();
        if (first != '{' && first != '[') {
            value(depth);
            return null;
        }
        String found = null;
        at++;
        if (taken(first == '{' ? '}' : ']')) {
            return null;
        }
        int place = 0;
        do {
            String name = Integer.toString(place++);
            if (first == '{') {
                space();
                int begin = at;
                string();
                name = plain(text.substring(begin, at));
                require(':');
            }
            if (name.equals(path.get(depth))) {
                found = member(path, depth + 1);
            } else {
                value(depth + 1);
            }
        } while (taken(','));
        require(first == '{' ? '}' : ']');
        return found;
    }

    private void value(int depth) {
        if (depth > MAX_DEPTH) {
            throw new EventFailure(
                    "TRANSFORM_JSON", "", "JSON is nested deeper than " + MAX_DEPTH, "Leave the column as it is.");
        }
        space();
        switch (peek()) {
            case '{' -> {
                at++;
                if (!taken('}')) {
                    do {
                        space();
                        string();
                        require(':');
                        value(depth + 1);
                    } while (taken(','));
                    require('}');
                }
            }
            case '[' -> {
                at++;
                if (!taken(']')) {
                    do {
                        value(depth + 1);
                    } while (taken(','));
                    require(']');
                }
            }
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
    }

    private void string() {
        require('"');
        while (true) {
            char next = take();
            if (next == '"') {
                return;
            }
            if (next < 0x20) {
                throw wrong();
            }
            if (next == '\\') {
                char code = take();
                if (code == 'u') {
                    for (int i = 0; i < 4; i++) {
                        if (!HexFormat.isHexDigit(take())) {
                            throw wrong();
                        }
                    }
                } else if ("\"\\/bfnrt".indexOf(code) < 0) {
                    throw wrong();
                }
            }
        }
    }

    private void number() {
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (peek() == '.') {
            at++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
    }

    private void digits() {
        int begin = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == begin) {
            throw wrong();
        }
    }

    private void word(String word) {
        if (!text.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
    }

    private void space() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean taken(char wanted) {
        space();
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    private void require(char wanted) {
        if (!taken(wanted)) {
            throw wrong();
        }
    }

    /** NUL at the end, which is no JSON anywhere. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private char take() {
        if (at >= text.length()) {
            throw wrong();
        }
        return text.charAt(at++);
    }

    private void end() {
        space();
        if (at < text.length()) {
            throw wrong();
        }
    }

    private EventFailure wrong() {
        return new EventFailure(
                "TRANSFORM_JSON",
                "",
                at < text.length() ? "it is no JSON at character " + (at + 1) : "the JSON ends too early",
                "Correct the row at the source, or leave the column as text.");
    }
}
