package dev.millrace.consume.transform;

import dev.millrace.config.load.TransformText;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.json.LearnedShapes;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.state.TransformVersion;
import dev.millrace.storage.state.TransformVersions;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deploys a pipeline's transformation: the first one is kept as a version that applies to all that is not yet
 * loaded, a changed one as a version that applies from the log's end on; and what stands in the log before
 * is transformed by the version that applied to it, also after a restart in the middle of it. So a window that is repeated comes to the same.
 *
 * @param transformation to run with
 * @param unused whether nothing has gone through its newest version yet
 */
public record Deployed(Transformation transformation, boolean unused) {
    private static final Logger LOG = LoggerFactory.getLogger(Deployed.class);

    /**
     * Deploys what the definition says. Nothing is kept of a pipeline that never had one.
     *
     * @param shapes what the pipeline has learned of documents
     * @param logEnd the last index in the log; nothing has been added to it by this process
     * @throws dev.millrace.config.error.MillraceException USER when a phase can't be made
     */
    public static Deployed of(
            PipelineDefinition definition, StateStore state, LearnedShapes shapes, long logEnd, Clock clock) {
        Transformation current = Phases.of(definition, shapes);
        TransformVersions versions = new TransformVersions(state, definition.name());
        Optional<TransformText> text = TransformText.of(definition.transform());
        Optional<TransformVersion> latest = versions.latest();
        if (latest.isEmpty() && text.isEmpty()) {
            return new Deployed(current, false);
        }
        String hash = text.map(TransformText::hash).orElse("");
        boolean added = latest.isEmpty() || !latest.get().hash().equals(hash);
        if (added) {
            TransformVersion version = versions.add(
                    latest.isEmpty() ? 1 : logEnd + 1,
                    System.getProperty("user.name", "unknown"),
                    clock.instant(),
                    hash,
                    text.map(TransformText::stored).orElseGet(() -> new byte[0]));
            LOG.info(
                    "pipeline {}: transformation version {} applies from log index {}",
                    definition.name(),
                    version.number(),
                    version.fromIndex());
        }
        Transformation all = chained(current, versions.all(), version -> made(definition, shapes, version));
        boolean unused = added || versions.latest().orElseThrow().fromIndex() > logEnd;
        return new Deployed(all, unused);
    }

    private static Transformation chained(
            Transformation current,
            List<TransformVersion> versions,
            Function<Optional<TransformVersion>, Transformation> making) {
        Supplier<Transformation> earlier = () -> making.apply(Optional.empty());
        Transformation newest = current;
        for (TransformVersion version : versions) {
            Supplier<Transformation> before = earlier;
            newest = current.from(version.fromIndex(), before);
            earlier = () -> making.apply(Optional.of(version)).from(version.fromIndex(), before);
        }
        return newest;
    }

    /** Only when a batch asks for it: what an old version needs may be gone once nothing needs the version. */
    private static Transformation made(
            PipelineDefinition definition, LearnedShapes shapes, Optional<TransformVersion> version) {
        if (version.isEmpty() || version.get().text().length == 0) {
            return Phases.of(definition, List.of(), shapes);
        }
        TransformText text = TransformText.of(version.get().text());
        List<TransformDefinition> definitions = text.definitions(System::getenv).orThrow();
        return Phases.of(definition, definitions, shapes);
    }
}
