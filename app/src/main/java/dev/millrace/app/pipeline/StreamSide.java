package dev.millrace.app.pipeline;

import dev.millrace.app.task.TaskResult;
import dev.millrace.ingest.engine.IngestEngine;
import dev.millrace.ingest.engine.IngestStatus;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.event.TableName;
import java.util.OptionalLong;

/** Streaming with the historical load under it; what the pipeline can't take is refused by the engine at the start of each run. */
record StreamSide(IngestEngine engine, StreamingSource source) implements IngestSide {
    @Override
    public boolean endless() {
        return true;
    }

    @Override
    public TaskResult run() throws InterruptedException {
        engine.run();
        return TaskResult.done(engine.status().eventsRead());
    }

    @Override
    public void stop() {
        engine.stop();
    }

    @Override
    public boolean done() {
        return false;
    }

    @Override
    public boolean reload(TableName table) {
        engine.reload(table);
        return true;
    }

    @Override
    public void consumed(long index) {
        engine.consumed(index);
    }

    @Override
    public byte[] position() {
        return source.currentPosition();
    }

    @Override
    public OptionalLong caughtUp(byte[] position, long timeoutMillis) throws InterruptedException {
        return engine.awaitCaughtUp(position, timeoutMillis) ? engine.caughtUp(position) : OptionalLong.empty();
    }

    @Override
    public IngestStatus status() {
        return engine.status();
    }

    @Override
    public long lastSignOfLifeNanos() {
        return engine.lastSignOfLifeNanos();
    }

    @Override
    public boolean gettingOn() {
        return engine.streaming();
    }

    @Override
    public boolean cameUp() {
        return engine.cameUp();
    }
}
