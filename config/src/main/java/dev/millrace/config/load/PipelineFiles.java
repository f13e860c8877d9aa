package dev.millrace.config.load;

import dev.millrace.config.pipeline.PipelineDefinition;
import java.nio.file.Path;
import java.util.List;

/**
 * A folder of pipeline files, each by itself.
 *
 * @param pipelines those that are valid, in the order of their files' names; no two have the same name
 * @param rejected the others
 * @param problems of all files and of the folder, each once
 */
public record PipelineFiles(List<PipelineDefinition> pipelines, List<Rejected> rejected, Problems problems) {
    /**
     * A file that can't be used.
     *
     * @param name what its pipeline would be called by the file's name
     */
    public record Rejected(String name, Path file, Problems problems) {}

    public PipelineFiles {
        pipelines = List.copyOf(pipelines);
        rejected = List.copyOf(rejected);
    }
}
