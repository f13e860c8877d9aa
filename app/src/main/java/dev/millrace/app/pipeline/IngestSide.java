package dev.millrace.app.pipeline;

import dev.millrace.app.task.TaskResult;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.json.JsonSettings;
import dev.millrace.consume.json.JsonStrategy;
import dev.millrace.consume.transform.Phases;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.consume.transform.Unmatched;
import dev.millrace.ingest.engine.FullLoad;
import dev.millrace.ingest.engine.IngestEngine;
import dev.millrace.ingest.engine.IngestOptions;
import dev.millrace.ingest.engine.IngestStatus;
import dev.millrace.ingest.engine.LoadStatus;
import dev.millrace.ingest.engine.ObjectRequirement;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.log.Topic;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What feeds a pipeline's topic: a stream with its historical load, or repeated full loads. Thread-safe. */
sealed interface IngestSide permits StreamSide, FullLoadSide {
    Logger LOG = LoggerFactory.getLogger(IngestSide.class);

    /**
     * Makes the one that fits the source.
     *
     * @param newTransform whether nothing has gone through the transformation yet
     */
    static IngestSide of(
            PipelineDefinition definition, Source source, Topic topic, Services services, boolean newTransform) {
        IngestOptions options = IngestOptions.defaults();
        if (source instanceof StreamingSource streaming) {
            IngestEngine engine = new IngestEngine(
                    definition.name(),
                    source,
                    definition.objects(),
                    topic,
                    services.state(),
                    options,
                    services.pools().ingest());
            engine.require(requirement(definition, newTransform, SourceObject::wholeRows));
            return new StreamSide(engine, streaming);
        }
        FullLoad load = new FullLoad(definition.name(), source, definition.objects(), topic, services.state(), options);
        load.require(requirement(definition, newTransform, onlyRead -> true));
        return new FullLoadSide(load, definition);
    }

    private static ObjectRequirement requirement(
            PipelineDefinition definition, boolean newTransform, Predicate<SourceObject> wholeRows) {
        AtomicBoolean first = new AtomicBoolean(true);
        return (objects, fresh) -> {
            // of what has been loaded already, rows that the steps don't fit any more are failed events
            requireFit(definition, objects, wholeRows, fresh || first.get() && newTransform);
            if (!fresh && first.getAndSet(false)) {
                tellUnmatched(definition, objects);
            }
        };
    }

    /** Of all that is chosen: what says something of objects of which there are none. */
    private static void tellUnmatched(PipelineDefinition definition, List<SourceObject> chosen) {
        JsonStrategy json = JsonSettings.of(definition.destination().settings()).strategy();
        Unmatched.in(definition, tables(chosen), json == JsonStrategy.FLATTEN)
                .forEach(finding -> LOG.warn(
                        "pipeline {}: {}: {}. {}",
                        definition.name(),
                        finding.probe(),
                        finding.detail(),
                        finding.remedy()));
    }

    private static List<Schema> tables(List<SourceObject> objects) {
        return objects.stream()
                .map(object -> new Schema(object.table(), 1, object.columns()))
                .toList();
    }

    /** What the transformation can't follow is refused before anything of it is read. */
    private static void requireFit(
            PipelineDefinition definition,
            List<SourceObject> chosen,
            Predicate<SourceObject> wholeRows,
            boolean unused) {
        Transformation transformation = Phases.of(definition);
        if (transformation.phases().isEmpty()) {
            return;
        }
        Set<TableName> whole =
                chosen.stream().filter(wholeRows).map(SourceObject::table).collect(Collectors.toSet());
        transformation.require(tables(chosen), whole::contains, unused);
    }

    /** Whether {@link #run} goes on until it is stopped. */
    boolean endless();

    /** Reads; on the task's thread. */
    TaskResult run() throws InterruptedException;

    /** Asks {@link #run} to end soon. */
    void stop();

    /** Whether nothing more will come by itself. */
    boolean done();

    /** @throws dev.millrace.config.error.MillraceException USER OBJECT_NOT_FOUND where the pipeline knows its objects, and this is none of them */
    default void requireKnown(String pipeline, TableName table) {
        KnownObjects.require(
                pipeline,
                table,
                status().tables().stream().map(LoadStatus::table).toList());
    }

    /** Has the table loaded again; false when {@link #run} has to be run once more for that. */
    boolean reload(TableName table);

    /** The destination has durably applied the log up to here. */
    void consumed(long index);

    /** The source's position now; empty bytes where there is none. */
    byte[] position();

    /** Whether tables are being read whole, or are to be, also where none is known yet. */
    default boolean readsWhole() {
        List<LoadStatus> tables = status().tables();
        return !done()
                && (tables.isEmpty() || tables.stream().anyMatch(table -> table.state() != LoadStatus.State.LOADED));
    }

    /** The log index by which everything at {@code position} is in the log; waits for it; empty when the time was up. */
    OptionalLong caughtUp(byte[] position, long timeoutMillis) throws InterruptedException;

    /** When its thread last came round or moved a row, by {@link System#nanoTime}. */
    long lastSignOfLifeNanos();

    /** Whether it has everything it needs, now, and reads. */
    boolean gettingOn();

    /** Whether it ever had. */
    boolean cameUp();

    IngestStatus status();
}
