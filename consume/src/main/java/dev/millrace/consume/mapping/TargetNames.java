package dev.millrace.consume.mapping;

import dev.millrace.consume.destination.NamingRules;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes names that the destination takes: without control characters, within its length, free of names in use and of our own. A name that
 * had to be changed ends in eight digits of the SHA-256 of the source's spelling, so it is the same whenever it is made again.
 */
public final class TargetNames {
    /** In the name of every column and helper table of ours: at the beginning, or behind the name of the table it helps. */
    public static final String RESERVED = "__millrace_";

    private static final Pattern OURS = Pattern.compile(Pattern.quote(RESERVED), Pattern.CASE_INSENSITIVE);
    private static final int SUFFIX_BYTES = 9;

    private final NamingRules rules;

    public TargetNames(NamingRules rules) {
        this.rules = rules;
    }

    /** The form in which two names are compared. */
    public String folded(String name) {
        return rules.caseSensitive() ? name : name.toLowerCase(Locale.ROOT);
    }

    /**
     * A free name for {@code source}.
     *
     * @param taken folded names that are in use
     */
    public String free(String source, Set<String> taken) {
        String clean = clean(source);
        boolean fits = bytes(clean) <= rules.maxBytes() && !isReserved(clean) && !clean.isEmpty();
        if (fits && !taken.contains(folded(clean))) {
            return clean;
        }
        String stem = clean;
        while (isReserved(stem)) {
            stem = OURS.matcher(stem).replaceAll("_");
        }
        String salted = source;
        while (true) {
            String name = cut(stem, rules.maxBytes() - SUFFIX_BYTES) + "_" + digest(salted);
            if (!taken.contains(folded(name))) {
                return name;
            }
            salted += "+";
        }
    }

    /** Whatever the destination makes of upper and lower case. */
    private static boolean isReserved(String name) {
        return OURS.matcher(name).find();
    }

    private static String clean(String source) {
        StringBuilder text = new StringBuilder(source.length());
        source.codePoints()
                .forEach(c -> text.appendCodePoint(Character.isISOControl(c) || isLoneSurrogate(c) ? '_' : c));
        return text.toString();
    }

    private static boolean isLoneSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    /** The longest prefix of whole characters within {@code maxBytes} of UTF-8. */
    private static String cut(String text, int maxBytes) {
        int end = 0;
        int used = 0;
        while (end < text.length()) {
            int codePoint = text.codePointAt(end);
            int size = codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
            if (used + size > maxBytes) {
                break;
            }
            used += size;
            end += Character.charCount(codePoint);
        }
        return text.substring(0, end);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
