package dev.millrace.consume.script;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.mozilla.javascript.ScriptRuntime;

/** A text that grows, as UTF-8. Confined to one thread. */
final class Utf8Text {
    private byte[] bytes = new byte[128];
    private int length;

    void clear() {
        length = 0;
    }

    /** In bytes. */
    int length() {
        return length;
    }

    /** How many characters of Unicode it has. */
    int characters() {
        int count = 0;
        for (int i = 0; i < length; i++) {
            count += (bytes[i] & 0xc0) == 0x80 ? 0 : 1;
        }
        return count;
    }

    byte[] copy() {
        return Arrays.copyOf(bytes, length);
    }

    void add(byte[] utf8) {
        reserve(utf8.length);
        System.arraycopy(utf8, 0, bytes, length, utf8.length);
        length += utf8.length;
    }

    /** The text of a column. */
    void add(DirectRow row, int column) {
        int more = row.textLength(column);
        reserve(more);
        row.textAt(column, bytes, length);
        length += more;
    }

    void add(boolean truth) {
        add((truth ? "true" : "false").getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A number as JavaScript writes it. */
    void add(double number) {
        if (number == (int) number) {
            add((int) number);
        } else {
            add(ScriptRuntime.numberToString(number, 10).getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private void add(int number) {
        reserve(11);
        long rest = Math.abs((long) number);
        int digits = 1;
        for (long power = 10; power <= rest; power *= 10) {
            digits++;
        }
        if (number < 0) {
            bytes[length++] = '-';
        }
        for (int place = length + digits - 1; place >= length; place--) {
            bytes[place] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
