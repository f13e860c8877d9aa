package dev.millrace.consume;

import dev.millrace.storage.batch.StoredBatch;
import java.util.List;

/** The batches one load applies, in log order; never empty. */
record Window(List<StoredBatch> batches, long events) {
  long lastIndex() {
    return batches.get(batches.size() - 1).logIndex();
  }
}
