package dev.millrace.web;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The installation's numbers in Prometheus' text exposition format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 */
final class MetricsText {
    private final StringBuilder text = new StringBuilder(4_096);

    private MetricsText() {}

    static String of(Installation installation) {
        MetricsText metrics = new MetricsText();
        metrics.installation(installation);
        metrics.pipelines(installation.pipelines());
        return metrics.text.toString();
    }

    private void installation(Installation installation) {
        head("millrace_info", "gauge", "The running version.");
        text.append("millrace_info{version=\"")
                .append(escaped(installation.version()))
                .append("\"} 1\n");
        head("millrace_ready", "gauge", "1 when the installation is ready, else 0.");
        line("millrace_ready", installation.notReadyBecause().isEmpty() ? 1 : 0);
        head("millrace_uptime_seconds", "gauge", "Seconds since the process started.");
        line("millrace_uptime_seconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1_000.0);
        Runtime runtime = Runtime.getRuntime();
        head("millrace_heap_used_bytes", "gauge", "Java heap in use.");
        line("millrace_heap_used_bytes", runtime.totalMemory() - runtime.freeMemory());
        head("millrace_heap_max_bytes", "gauge", "Java heap limit.");
        line("millrace_heap_max_bytes", runtime.maxMemory());
    }

    private void pipelines(List<PipelineStatus> all) {
        family("millrace_events_read_total", "counter", "Events appended to the log.", all, PipelineStatus::eventsRead);
        family(
                "millrace_rows_loaded_total",
                "counter",
                "Rows committed at the destination.",
                all,
                PipelineStatus::rowsLoaded);
        family(
                "millrace_events_lost_total",
                "counter",
                "Events passed over by the guarantee at-most-once.",
                all,
                PipelineStatus::eventsLost);
        family("millrace_errors_total", "counter", "Failed attempts of any kind.", all, PipelineStatus::errors);
        family(
                "millrace_lag_seconds",
                "gauge",
                "Age of the oldest event not loaded; NaN while unknown.",
                all,
                pipeline -> pipeline.lagSeconds().orElse(Double.NaN));
        family("millrace_lag_events", "gauge", "Events in the log not loaded.", all, PipelineStatus::lagEvents);
        family("millrace_lag_bytes", "gauge", "Bytes in the log not loaded.", all, PipelineStatus::lagBytes);
        family("millrace_log_bytes", "gauge", "What the log occupies on disk.", all, PipelineStatus::logBytes);
        family(
                "millrace_micro_batches",
                "gauge",
                "1 while it is behind and loads in wider windows, else 0.",
                all,
                pipeline -> pipeline.loading().microBatches() ? 1 : 0);
        family(
                "millrace_next_load_timestamp_seconds",
                "gauge",
                "When the next load is due; NaN in real time.",
                all,
                pipeline -> pipeline.loading()
                        .next()
                        .map(next -> next.toEpochMilli() / 1_000.0)
                        .orElse(Double.NaN));
        failed(all);
        family(
                "millrace_objects_waiting",
                "gauge",
                "Objects that wait for a user to approve of a change or to choose.",
                all,
                PipelineStatus::objectsWaiting);
        head("millrace_pipeline_state", "gauge", "1 for the state the pipeline is in, 0 for the others.");
        for (PipelineStatus pipeline : all) {
            for (PipelineStatus.State state : PipelineStatus.State.values()) {
                labelled(
                        pipeline,
                        "millrace_pipeline_state",
                        ",state=\"" + state.name().toLowerCase(Locale.ROOT) + "\"");
                text.append(pipeline.state() == state ? "1\n" : "0\n");
            }
        }
    }

    private void failed(List<PipelineStatus> all) {
        family(
                "millrace_failed_events",
                "gauge",
                "Failed events parked now, those that wait behind one included.",
                all,
                pipeline -> pipeline.failed().parked());
        family(
                "millrace_failed_events_behind",
                "gauge",
                "Of these, those that only wait for an earlier event of their key.",
                all,
                pipeline -> pipeline.failed().behind());
        family("millrace_failed_events_bytes", "gauge", "What they take on disk.", all, pipeline -> pipeline.failed()
                .bytes());
        family(
                "millrace_failed_events_expire_soon",
                "gauge",
                "1 when some are given up for their age within a day.",
                all,
                pipeline -> pipeline.failed().expiresSoon() ? 1 : 0);
        family(
                "millrace_failed_events_parked_total",
                "counter",
                "Events that were ever parked, those that waited behind one included: those parked now and all that follow.",
                all,
                pipeline -> pipeline.failed().parkedTotal());
        family(
                "millrace_failed_events_discarded_total",
                "counter",
                "Events that failed and were passed over, as the policy says.",
                all,
                pipeline -> pipeline.failed().discardedTotal());
        family(
                "millrace_failed_events_replayed_total",
                "counter",
                "Parked events that were loaded after all.",
                all,
                pipeline -> pipeline.failed().replayedTotal());
        family(
                "millrace_failed_events_skipped_total",
                "counter",
                "Parked events given up by somebody.",
                all,
                pipeline -> pipeline.failed().skippedTotal());
        family(
                "millrace_failed_events_expired_total",
                "counter",
                "Parked events given up for their age.",
                all,
                pipeline -> pipeline.failed().expiredTotal());
        family(
                "millrace_failed_events_obsolete_total",
                "counter",
                "Parked events whose table was emptied or loaded again.",
                all,
                pipeline -> pipeline.failed().obsoleteTotal());
    }

    private void family(
            String name, String type, String help, List<PipelineStatus> all, ToDoubleFunction<PipelineStatus> value) {
        head(name, type, help);
        for (PipelineStatus pipeline : all) {
            labelled(pipeline, name, "");
            number(value.applyAsDouble(pipeline));
        }
    }

    private void head(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void line(String name, double value) {
        text.append(name).append(' ');
        number(value);
    }

    private void labelled(PipelineStatus pipeline, String name, String more) {
        text.append(name)
                .append("{pipeline=\"")
                .append(escaped(pipeline.name()))
                .append('"')
                .append(more)
                .append("} ");
    }

    private void number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            text.append((long) value);
        } else {
            text.append(value);
        }
        text.append('\n');
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
