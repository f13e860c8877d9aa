package dev.millrace.ingest.engine;

import java.util.concurrent.atomic.LongAdder;

/** What an engine has read since it was made. Any thread. */
final class Counters {
    private final LongAdder events = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private volatile long lastCommitMicros = Long.MIN_VALUE;
    private volatile long aliveAtMillis = Long.MIN_VALUE;

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
        aliveAtMillis = System.currentTimeMillis();
    }

    long aliveAtMillis() {
        return aliveAtMillis;
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
