package dev.millrace.app.benchmark;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** How far the readers of one measurement have come. Thread-safe. */
final class Reached {
    private final Map<ByteBuffer, Long> bounds = new ConcurrentHashMap<>();
    private final AtomicLong unbounded = new AtomicLong();
    private final AtomicLong total = new AtomicLong();

    /** A chunk's upper bound has so many rows before it. */
    void bound(ByteBuffer key, long rows) {
        bounds.put(key, rows);
    }

    long rowsUpTo(ByteBuffer key) {
        return bounds.getOrDefault(key, 0L);
    }

    /** Rows of a read without upper bound; returns all of them so far. */
    long add(long rows) {
        return unbounded.addAndGet(rows);
    }

    /** A read has ended after so many rows. */
    void total(long rows) {
        total.addAndGet(rows);
    }

    /** All rows read. */
    long total() {
        return total.get();
    }
}
