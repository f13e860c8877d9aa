package dev.millrace.web;

/**
 * What came of asking for failed events to be replayed.
 *
 * @param events of those meant that are tried again; 0: none of them is parked
 * @param ahead others that are tried again with them, because they have to go first
 * @param superseded of those meant that are not tried, because their table is being loaded again, after which they are obsolete
 */
public record FailedReplay(long events, long ahead, long superseded) {}
