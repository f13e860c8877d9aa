package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the text forms that hold other values, as array_out, record_out and hstore_out write them, and writes JSON. Inner values that
 * were quoted are unescaped into a copy; all others are read in place. One instance per value; confined to one thread.
 */
final class NestedText {
    private static final int MAX_DIMENSIONS = 6; // the server's MAXDIM

    private final byte[] text;
    private final int offset;
    private final int end;
    private final JsonBytes out;
    private int at;

    NestedText(byte[] text, int offset, int length, JsonBytes out) {
        this.text = text;
        this.offset = offset;
        this.end = offset + length;
        this.out = out;
        this.at = offset;
    }

    void array(byte delimiter, JsonForm element) {
        if (peek() == '[') {
            while (next() != '=') {
                peek();
            }
        }
        dimension(delimiter, element, 1);
        finish("array");
    }

    private void dimension(byte delimiter, JsonForm element, int depth) {
        if (next() != '{' || depth > MAX_DIMENSIONS) {
            throw malformed("array");
        }
        out.raw('[');
        if (peek() == '}') {
            at++;
            out.raw(']');
            return;
        }
        while (true) {
            byte c = peek();
            if (c == '{') {
                dimension(delimiter, element, depth + 1);
            } else if (c == '"') {
                quoted(element);
            } else {
                int from = at;
                while (peek() != delimiter && peek() != '}') {
                    at++;
                }
                unquoted(from, element);
            }
            byte behind = next();
            if (behind == '}') {
                out.raw(']');
                return;
            }
            if (behind != delimiter) {
                throw malformed("array");
            }
            out.raw(',');
        }
    }

    private void unquoted(int from, JsonForm element) {
        if (at - from == 4
                && text[from] == 'N'
                && text[from + 1] == 'U'
                && text[from + 2] == 'L'
                && text[from + 3] == 'L') {
            out.raw("null");
        } else {
            element.write(text, from, at - from, out);
        }
    }

    /**
     * The type may have gained or lost attributes since the value was written: a value without a name is called by its place, a name without a
     * value is left out.
     */
    void composite(byte[][] names, JsonForm[] forms) {
        if (next() != '(') {
            throw malformed("composite");
        }
        out.raw('{');
        boolean more = forms.length > 0 || peek() != ')';
        for (int i = 0; more; i++) {
            if (i > 0) {
                out.raw(',');
            }
            byte[] name = i < names.length ? names[i] : ("f" + (i + 1)).getBytes(StandardCharsets.ISO_8859_1);
            out.string(name, 0, name.length);
            out.raw(':');
            attribute(i < forms.length ? forms[i] : JsonForm.STRING);
            more = peek() == ',';
            at += more ? 1 : 0;
        }
        if (next() != ')') {
            throw malformed("composite");
        }
        out.raw('}');
        finish("composite");
    }

    private void attribute(JsonForm form) {
        if (peek() == '"') {
            quoted(form);
            return;
        }
        int from = at;
        while (peek() != ',' && peek() != ')') {
            at++;
        }
        if (at == from) {
            out.raw("null");
        } else {
            form.write(text, from, at - from, out);
        }
    }

    void hstore() {
        out.raw('{');
        while (at < end) {
            if (at > offset) {
                if (next() != ',' || next() != ' ') {
                    throw malformed("hstore");
                }
                out.raw(',');
            }
            quoted(JsonForm.STRING);
            out.raw(':');
            if (next() != '=' || next() != '>') {
                throw malformed("hstore");
            }
            if (peek() == '"') {
                quoted(JsonForm.STRING);
            } else {
                int from = at;
                at = Math.min(end, at + 4);
                if (!new String(text, from, at - from, StandardCharsets.ISO_8859_1).equals("NULL")) {
                    throw malformed("hstore");
                }
                out.raw("null");
            }
        }
        out.raw('}');
    }

    /** A quoted value: a backslash or a doubled quote stands for the character behind it. */
    private void quoted(JsonForm form) {
        if (next() != '"') {
            throw malformed("quoted value");
        }
        int from = at;
        boolean escaped = false;
        while (true) {
            byte c = next();
            if (c == '\\') {
                escaped = true;
                next();
            } else if (c == '"') {
                if (at < end && text[at] == '"') {
                    escaped = true;
                    at++;
                } else {
                    break;
                }
            }
        }
        if (escaped) {
            byte[] value = unescaped(from, at - 1);
            form.write(value, 0, value.length, out);
        } else {
            form.write(text, from, at - 1 - from, out);
        }
    }

    private byte[] unescaped(int from, int to) {
        int length = 0;
        for (int i = from; i < to; i++, length++) {
            i += text[i] == '\\' || text[i] == '"' ? 1 : 0;
        }
        byte[] value = new byte[length];
        int place = 0;
        for (int i = from; i < to; i++) {
            i += text[i] == '\\' || text[i] == '"' ? 1 : 0;
            value[place++] = text[i];
        }
        return value;
    }

    private byte peek() {
        if (at >= end) {
            throw malformed("nested value");
        }
        return text[at];
    }

    private byte next() {
        byte c = peek();
        at++;
        return c;
    }

    private void finish(String type) {
        if (at != end) {
            throw malformed(type);
        }
    }

    private MillraceException malformed(String type) {
        return Malformed.value(type, end - offset);
    }
}
