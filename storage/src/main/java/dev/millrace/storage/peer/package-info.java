/**
 * Finds out servers that have died without a word while a call waits for them. Used by the connectors of both ends, and here because this
 * is the lowest module that both see; it knows nothing of sockets or databases. One thread a watch, while something is watched.
 */
package dev.millrace.storage.peer;
