package dev.millrace.consume.script;

/** Patterns of times as users write them, for strict reading. */
public final class StrictPattern {
    private StrictPattern() {}

    /**
     * The pattern with {@code u} for {@code y} where it names no era: strictly read, a year of an era needs the era, and who writes {@code yyyy}
     * without one means the year. What stands in quotes is no letter of a pattern.
     */
    public static String of(String pattern) {
        if (pattern.indexOf('G') >= 0) {
            return pattern;
        }
        StringBuilder text = new StringBuilder(pattern);
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            quoted ^= text.charAt(i) == '\'';
            if (!quoted && text.charAt(i) == 'y') {
                text.setCharAt(i, 'u');
            }
        }
        return text.toString();
    }
}
