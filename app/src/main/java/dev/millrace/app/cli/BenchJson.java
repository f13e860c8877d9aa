package dev.millrace.app.cli;

import dev.millrace.app.benchmark.Delay;
import dev.millrace.app.benchmark.Figure;
import dev.millrace.app.benchmark.Report;
import dev.millrace.app.benchmark.Sample;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A benchmark's report as JSON: the same figures as the table, each measurement, and the medians. */
final class BenchJson {
    private BenchJson() {}

    static Map<String, Object> of(Report report, Optional<EarlierReport> before) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("pipeline", report.pipeline());
        fields.put("object", report.object());
        fields.put("rows", report.rows());
        fields.put("rowBytes", rounded(report.rowBytes()));
        fields.put("logRowBytes", rounded(report.logRowBytes()));
        fields.put("rounds", report.rounds());
        fields.put("processors", Runtime.getRuntime().availableProcessors());
        fields.put(
                "figures",
                report.figures().stream().map(figure -> figure(figure, before)).toList());
        fields.put("delays", report.delays().stream().map(BenchJson::delay).toList());
        fields.put(
                "leftOut",
                report.leftOut().stream()
                        .map(left -> Map.of("what", left.what(), "code", left.code(), "why", left.why()))
                        .toList());
        fields.put("leftOvers", report.leftOvers());
        fields.put("verdict", report.verdict());
        return fields;
    }

    private static Map<String, Object> figure(Figure figure, Optional<EarlierReport> before) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("measure", figure.measure().key());
        fields.put("rowsPerSecond", rounded(figure.rowsPerSecond()));
        fields.put("megabytesPerSecond", rounded(figure.megabytesPerSecond()));
        fields.put("seconds", rounded(figure.seconds()));
        fields.put("cpuSeconds", rounded(figure.cpuSeconds()));
        if (!figure.baselineRuns().isEmpty()) {
            fields.put("baseline", figure.measure().baseline());
            fields.put("baselinePerSecond", rounded(figure.baselinePerSecond()));
            fields.put("ratio", rounded(figure.ratio()));
        }
        before.flatMap(report -> report.speed(figure.measure().key()))
                .ifPresent(speed -> fields.put("before", rounded(speed)));
        fields.put("runs", samples(figure.runs()));
        fields.put("baselineRuns", samples(figure.baselineRuns()));
        return fields;
    }

    private static List<Map<String, Object>> samples(List<Sample> samples) {
        return samples.stream()
                .map(sample -> {
                    Map<String, Object> fields = new LinkedHashMap<>();
                    fields.put("rows", sample.rows());
                    fields.put("bytes", sample.bytes());
                    fields.put("seconds", rounded(sample.seconds()));
                    fields.put("cpuSeconds", rounded(sample.cpuSeconds()));
                    return fields;
                })
                .toList();
    }

    private static Map<String, Object> delay(Delay delay) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("delay", delay.key());
        fields.put("count", delay.count());
        fields.put("p50Millis", rounded(delay.p50Millis()));
        fields.put("p99Millis", rounded(delay.p99Millis()));
        if (delay.baselineP50Millis() > 0) {
            fields.put("baselineP50Millis", rounded(delay.baselineP50Millis()));
            fields.put("baselineP99Millis", rounded(delay.baselineP99Millis()));
        }
        return fields;
    }

    private static double rounded(double value) {
        return Math.round(value * 1_000) / 1_000.0;
    }
}
