package dev.millrace.ingest.postgres;

import dev.millrace.storage.event.TableName;

/** Names and text as they stand in statements: always quoted, whatever they contain. */
final class Quoted {
    private Quoted() {}

    /** {@code na"me} as {@code "na""me"}. */
    static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    static String table(TableName table) {
        return identifier(table.schema()) + '.' + identifier(table.name());
    }

    /** As a string literal that reads the same under either setting of standard_conforming_strings. */
    static String literal(String text) {
        String doubled = text.replace("'", "''");
        return text.indexOf('\\') < 0 ? "'" + doubled + "'" : " E'" + doubled.replace("\\", "\\\\") + "'";
    }
}
