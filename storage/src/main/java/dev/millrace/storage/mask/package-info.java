/**
 * Hides values: hashes with a secret, masks that keep the last characters or the format, replacements. Works on UTF-8 bytes and cells in
 * place; used before the log by {@code ingest} and in transformations by {@code consume}. A {@link dev.millrace.storage.mask.Mask} is
 * confined to one thread; no threads of its own.
 */
package dev.millrace.storage.mask;
