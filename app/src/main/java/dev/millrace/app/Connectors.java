package dev.millrace.app;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.ConnectorDefinition;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.setting.Setting;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.DestinationConnector;
import dev.millrace.consume.destination.Scratch;
import dev.millrace.consume.destination.ScratchConnector;
import dev.millrace.consume.duckdb.DuckDbConnector;
import dev.millrace.consume.postgres.PostgresDestinationConnector;
import dev.millrace.ingest.gate.GatedSource;
import dev.millrace.ingest.postgres.PostgresConnector;
import dev.millrace.ingest.source.ChangeTrial;
import dev.millrace.ingest.source.ChangeTrialConnector;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceConnector;
import dev.millrace.ingest.source.StreamingSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Every kind of source and destination that is built in. A new connector is added here and nowhere else. Thread-safe. */
public final class Connectors {
    private static final List<SourceConnector> SOURCES = List.of(new PostgresConnector());
    private static final List<DestinationConnector> DESTINATIONS =
            List.of(new DuckDbConnector(), new PostgresDestinationConnector());

    private Connectors() {}

    /** The declared settings by kind, for the loader. */
    public static Map<String, List<Setting>> sourceKinds() {
        Map<String, List<Setting>> kinds = new TreeMap<>();
        SOURCES.forEach(connector -> kinds.put(connector.kind(), connector.settings()));
        return kinds;
    }

    /** As {@link #sourceKinds}. */
    public static Map<String, List<Setting>> destinationKinds() {
        Map<String, List<Setting>> kinds = new TreeMap<>();
        DESTINATIONS.forEach(connector -> kinds.put(connector.kind(), connector.settings()));
        return kinds;
    }

    /**
     * The pipeline's source, not connected.
     *
     * @throws MillraceException USER SCHEDULE_UNUSED for a schedule on a source that streams
     */
    public static Source source(PipelineDefinition pipeline) {
        ConnectorDefinition end = pipeline.source();
        Source source = SOURCES.stream()
                .filter(connector -> connector.kind().equals(end.kind()))
                .findFirst()
                .orElseThrow(() -> unknown(end.kind()))
                .open(pipeline.name(), end.settings());
        if (source instanceof StreamingSource && pipeline.schedule().isPresent()) {
            source.close();
            throw MillraceException.user(
                    "SCHEDULE_UNUSED",
                    "Pipeline '" + pipeline.name() + "' has a schedule but streams its changes",
                    "a schedule repeats the reading of whole tables",
                    "Remove 'schedule', or set 'mode: table' in 'source'.");
        }
        return GatedSource.of(source, end.beforeLog());
    }

    /** The pipeline's destination, not connected. */
    public static Destination destination(PipelineDefinition pipeline) {
        DestinationDefinition end = pipeline.destination();
        return DESTINATIONS.stream()
                .filter(connector -> connector.kind().equals(end.kind()))
                .findFirst()
                .orElseThrow(() -> unknown(end.kind()))
                .open(pipeline.name(), end.settings());
    }

    /** A place for trials at the pipeline's destination, not connected; {@code name} and {@code schema} as in {@link ScratchConnector}. */
    public static Optional<Scratch> scratch(PipelineDefinition pipeline, String name, String schema) {
        DestinationDefinition end = pipeline.destination();
        return DESTINATIONS.stream()
                .filter(connector -> connector.kind().equals(end.kind()))
                .filter(ScratchConnector.class::isInstance)
                .map(connector -> ((ScratchConnector) connector).scratch(name, schema, end.settings()))
                .findFirst();
    }

    /** A place for trials with changes at the pipeline's source, not connected; parameters as in {@link ChangeTrialConnector}. */
    public static Optional<ChangeTrial> changeTrial(PipelineDefinition pipeline, String name, String schema) {
        ConnectorDefinition end = pipeline.source();
        return SOURCES.stream()
                .filter(connector -> connector.kind().equals(end.kind()))
                .filter(ChangeTrialConnector.class::isInstance)
                .map(connector -> ((ChangeTrialConnector) connector).changeTrial(name, schema, end.settings()))
                .findFirst();
    }

    private static MillraceException unknown(String kind) {
        return MillraceException.user(
                "KIND_UNKNOWN",
                "Connector kind '" + kind + "' is not there",
                "",
                "Use one of the kinds in the reference.");
    }
}
