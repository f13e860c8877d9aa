package dev.millrace.ingest.engine;

import java.util.concurrent.atomic.LongAdder;

/** What an engine has read since it was made. Any thread. */
final class Counters {
    private final LongAdder events = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private volatile long lastCommitMicros = Long.MIN_VALUE;
    private volatile long aliveAtNanos = System.nanoTime();
    private volatile boolean cameUp;

    void read(long moreEvents, long moreBytes) {
        events.add(moreEvents);
        bytes.add(moreBytes);
    }

    void committed(long micros) {
        if (micros != Long.MIN_VALUE) {
            lastCommitMicros = micros;
        }
    }

    /** The stream's thread has come round. */
    void alive() {
        aliveAtNanos = System.nanoTime();
    }

    long aliveAtNanos() {
        return aliveAtNanos;
    }

    /** The stream is open. */
    void opened() {
        cameUp = true;
    }

    boolean cameUp() {
        return cameUp;
    }

    long events() {
        return events.sum();
    }

    long bytes() {
        return bytes.sum();
    }

    long lastCommitMicros() {
        return lastCommitMicros;
    }
}
