package dev.millrace.storage.log;

import java.nio.file.Path;

/**
 * Batches that were durable and can't be read any more.
 *
 * @param lastGoodIndex the last batch that can be delivered
 * @param lastKnownIndex the last batch known to have been durable; those between are lost here
 * @param setAside where the damaged files are now
 * @param detail what was found, with file and byte
 */
public record LogDamage(long lastGoodIndex, long lastKnownIndex, Path setAside, String detail) {}
