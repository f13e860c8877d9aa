/**
 * Crash tests: a real process is killed at each durability step and at random while a writer changes the source and keeps a ledger of what it
 * committed. The writer has a thread of its own ({@code ledger}).
 */
package dev.millrace.app.crash;
