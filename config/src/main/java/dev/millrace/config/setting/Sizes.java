package dev.millrace.config.setting;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts of bytes as users write them: a whole number and a unit, {@code 64KB}, {@code 8MB}, {@code 20GB}; powers of 1024. */
public final class Sizes {
    private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB"};
    private static final Pattern FORM = Pattern.compile("(\\d{1,15})\\s*(B|KB|MB|GB|TB|KIB|MIB|GIB|TIB)");

    private Sizes() {}

    /** In bytes; empty when the text is no size, has no unit (a bare {@code 0} is allowed), or is more than a {@code long} holds. */
    public static OptionalLong parse(String text) {
        if (text.strip().equals("0")) {
            return OptionalLong.of(0);
        }
        Matcher matcher = FORM.matcher(text.strip().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        long count = Long.parseLong(matcher.group(1));
        int shift = 10 * "BKMGT".indexOf(matcher.group(2).charAt(0));
        return count > Long.MAX_VALUE >> shift ? OptionalLong.empty() : OptionalLong.of(count << shift);
    }

    /** In the largest unit that needs no fraction; {@link #parse} reads it back. */
    public static String format(long bytes) {
        int unit = 0;
        long count = bytes;
        while (count != 0 && count % 1024 == 0 && unit < UNITS.length - 1) {
            count /= 1024;
            unit++;
        }
        return count + UNITS[unit];
    }
}
