package dev.millrace.ingest.engine;

import dev.millrace.ingest.source.SourceObject;
import java.util.List;

/** What a pipeline asks of objects before anything of them is read. Any thread. */
@FunctionalInterface
public interface ObjectRequirement {
    /**
     * @param fresh whether they would be taken in for the first time: one that isn't fit is left out where only a pattern chooses it. Else they
     *     are all that a run begins with
     * @throws dev.millrace.config.error.MillraceException USER for those that the pipeline can't take
     */
    void judge(List<SourceObject> objects, boolean fresh);
}
