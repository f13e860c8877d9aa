/**
 * Encryption at rest of what must not be read off a disk or a backup: AES-256-GCM by the installation's keys, which are in a file beside the
 * data or given from outside. Used by whoever stores customers' values outside the log; any thread.
 */
package dev.millrace.storage.crypto;
