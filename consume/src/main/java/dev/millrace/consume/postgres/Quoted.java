package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.TargetName;
import java.nio.charset.StandardCharsets;

/** Names as they stand in statements: always quoted, whatever they contain. */
final class Quoted {
    /** What PostgreSQL allows (NAMEDATALEN less one); longer names it would cut without a word. */
    static final int MAX_NAME_BYTES = 63;

    private static final String SHADOW = "__millrace_shadow";

    private Quoted() {}

    /** {@code na"me} as {@code "na""me"}. */
    static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    static String table(TargetName table) {
        return identifier(table.schema()) + '.' + identifier(table.name());
    }

    /** The table that is filled beside {@code table}; the name is cut, and told apart by a hash, where it would be too long. */
    static TargetName shadow(TargetName table) {
        String name = table.name() + SHADOW;
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            String tail = "_" + Integer.toHexString(table.name().hashCode()) + SHADOW;
            int end = table.name().length();
            while (table.name().substring(0, end).getBytes(StandardCharsets.UTF_8).length
                            > MAX_NAME_BYTES - tail.length()
                    || Character.isHighSurrogate(table.name().charAt(end - 1))) {
                end--;
            }
            name = table.name().substring(0, end) + tail;
        }
        return new TargetName(table.schema(), name);
    }
}
