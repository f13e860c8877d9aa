package dev.millrace.consume.failed;

/**
 * What came of asking for failed events to be replayed.
 *
 * @param events of those meant that are tried again
 * @param ahead others that are tried again with them, because they are earlier events of their keys or tables and have to go first
 * @param superseded of those meant that are not tried, because a load of their table is under way that makes them obsolete
 */
public record Asked(long events, long ahead, long superseded) {}
