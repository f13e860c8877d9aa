/**
 * Finds out servers that have died without a word while a call waits for them. Used by the connectors of both ends, and here because this
 * is the lowest module that both see. The watch knows nothing of sockets or databases; it has a thread while
 * something is watched. {@link dev.millrace.storage.peer.ServerProbe} looks whether a server can be reached at all.
 */
package dev.millrace.storage.peer;
