package dev.millrace.consume.transform;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.error.Nearest;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.ObjectPattern;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.storage.event.Schema;
import java.util.ArrayList;
import java.util.List;

/** Finds what a definition says of objects that aren't there: a slip in a name would leave a table untransformed, and nobody would know. */
public final class Unmatched {
    private Unmatched() {}

    /**
     * A warning for each definition under {@code transform}, and each entry under {@code load}, that none of the tables is meant by; never fails
     * for what can't be transformed, which the check of the steps tells.
     *
     * @param tables as the source has them now
     * @param learns whether tables may come that are not known before documents are read
     */
    public static List<Finding> in(PipelineDefinition pipeline, List<Schema> tables, boolean learns) {
        List<Finding> findings = new ArrayList<>();
        List<Schema> current = tables;
        for (TransformDefinition definition : pipeline.transform()) {
            boolean concerned = current.stream()
                    .anyMatch(table -> definition.concerns(
                            table.table().schema(), table.table().name()));
            if (!concerned) {
                findings.add(nothing(
                        "transform " + definition.place(), "TRANSFORM_MATCHES_NOTHING", definition.objects(), current));
            }
            current = outputs(definition, current);
        }
        for (LoadRules.Entry entry :
                learns ? List.<LoadRules.Entry>of() : pipeline.load().entries()) {
            boolean meant = current.stream().anyMatch(table -> entry.pattern()
                    .matches(table.table().schema(), table.table().name()));
            if (!meant) {
                findings.add(
                        nothing("load " + entry.pattern(), "LOAD_MATCHES_NOTHING", List.of(entry.pattern()), current));
            }
        }
        return findings;
    }

    private static List<Schema> outputs(TransformDefinition definition, List<Schema> tables) {
        Transformation transformation = Phases.of(List.of(definition));
        List<Schema> outputs = new ArrayList<>();
        for (Schema table : tables) {
            try {
                outputs.addAll(transformation.outputs(List.of(table)));
            } catch (MillraceException toldByTheCheckOfTheSteps) {
                outputs.add(table);
            }
        }
        return outputs;
    }

    private static Finding nothing(String probe, String code, List<ObjectPattern> patterns, List<Schema> tables) {
        List<String> known =
                tables.stream().map(table -> table.table().toString()).toList();
        return Finding.warning(
                probe,
                code,
                "there is no such object now as " + patterns,
                Nearest.to(patterns.get(0).toString(), known)
                        .map(name -> "Did you mean '" + name + "'?")
                        .orElse("Objects are named as they are called at that point."));
    }
}
