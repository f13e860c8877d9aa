package dev.millrace.ingest.engine;

import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.ChunkedSource;
import java.util.ArrayDeque;

/** Chunk readers, each with a connection of its own, kept open between jobs; never more than there are workers. Any thread. */
final class ChunkReaders implements AutoCloseable {
    private final ChunkedSource source;
    private final ArrayDeque<ChunkReader> idle = new ArrayDeque<>();
    private boolean closed;

    ChunkReaders(ChunkedSource source) {
        this.source = source;
    }

    ChunkReader take() {
        synchronized (idle) {
            ChunkReader reader = idle.poll();
            if (reader != null) {
                return reader;
            }
        }
        return source.openChunkReader();
    }

    /** {@code usable}: its last job ended well, so it may do another. */
    void giveBack(ChunkReader reader, boolean usable) {
        synchronized (idle) {
            if (usable && !closed) {
                idle.push(reader);
                return;
            }
        }
        reader.close();
    }

    /** Closes those that are idle, so that no connection is held without need. */
    void closeIdle() {
        while (true) {
            ChunkReader reader;
            synchronized (idle) {
                reader = idle.poll();
            }
            if (reader == null) {
                return;
            }
            reader.close();
        }
    }

    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
        }
        closeIdle();
    }
}
