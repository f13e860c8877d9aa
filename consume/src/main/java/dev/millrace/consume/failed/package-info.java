/**
 * Events that could not be applied: kept aside, encrypted, in the order of their keys, until they are replayed, skipped or too old. The
 * consumer asks a {@link dev.millrace.consume.failed.Sieve} about every event of a table that has some, parks what it holds back before the
 * destination commits the rest, and replays on its own thread; whoever looks after them asks {@link dev.millrace.consume.failed.FailedEvents}
 * from any.
 */
package dev.millrace.consume.failed;
