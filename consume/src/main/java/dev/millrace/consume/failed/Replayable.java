package dev.millrace.consume.failed;

import dev.millrace.storage.batch.StoredBatch;

/**
 * A parked event that is to be tried again.
 *
 * @param batch it alone, as it was read from the source
 */
public record Replayable(FailedEvent event, StoredBatch batch) {}
