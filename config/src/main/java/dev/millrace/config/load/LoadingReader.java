package dev.millrace.config.load;

import dev.millrace.config.pipeline.Loading;
import dev.millrace.config.pipeline.LoadingSchedule;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Range;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** Reads how a destination is loaded. Stateless. */
final class LoadingReader {
    static final String KEY = "loading";

    private static final Range INTERVAL_MILLIS = new Range(LoadingSchedule.Every.LEAST.toMillis(), 365L * 86_400_000);

    private static final List<Setting> LOADING = List.of(
            new Setting(
                    "every",
                    Type.DURATION,
                    null,
                    false,
                    List.of(),
                    INTERVAL_MILLIS,
                    "The interval between two loads, for example 15m."),
            Setting.optional("daily", Type.TEXT_LIST, null, "Times of the day, for example [\"06:00\", \"18:30\"]."),
            Setting.optional("cron", Type.TEXT, null, "Minute, hour, day of month, month, day of week."),
            Setting.optional(
                    "zone", Type.TEXT, null, "The time zone of 'daily' and 'cron', for example Europe/Berlin."));

    private LoadingReader() {}

    /** In real time where there is nothing about it; empty when anything was complained about. */
    static Optional<Loading> read(Section destination, ProblemCollector problems) {
        if (!destination.has(KEY)) {
            return Optional.of(Loading.REAL_TIME);
        }
        Section section = destination.section(KEY);
        if (!(destination.place(KEY) instanceof MappingNode)) {
            return Optional.empty();
        }
        return section.settings(LOADING, Set.of()).flatMap(values -> loading(section, values, problems));
    }

    private static Optional<Loading> loading(Section section, Settings values, ProblemCollector problems) {
        List<String> given =
                Stream.of("every", "daily", "cron").filter(values::has).toList();
        if (given.size() > 1) {
            problems.error(
                    section.place(given.get(1)),
                    "BAD_VALUE",
                    "'" + KEY + "' has both '" + given.get(0) + "' and '" + given.get(1) + "'",
                    "Keep one of them.");
            return Optional.empty();
        }
        boolean zoned = values.has("daily") || values.has("cron");
        if (zoned != values.has("zone")) {
            problems.error(
                    section.place("zone"),
                    zoned ? "MISSING_KEY" : "BAD_VALUE",
                    zoned ? "'zone' is missing in '" + KEY + "'" : "'zone' means nothing without 'daily' or 'cron'",
                    zoned
                            ? "Write the time zone that the times are meant in, for example Europe/Berlin."
                            : "Remove it.");
            return Optional.empty();
        }
        if (given.isEmpty()) {
            return Optional.of(Loading.REAL_TIME);
        }
        return schedule(section, values, problems).map(it -> new Loading(Optional.of(it)));
    }

    private static Optional<LoadingSchedule> schedule(Section section, Settings values, ProblemCollector problems) {
        if (values.has("every")) {
            return Optional.of(new LoadingSchedule.Every(values.duration("every")));
        }
        Optional<ZoneId> zone = zone(section, values.text("zone"), problems);
        if (values.has("daily")) {
            Optional<List<LocalTime>> times = times(section, values.textList("daily"), problems);
            return zone.flatMap(it -> times.map(all -> new LoadingSchedule.Daily(all, it)));
        }
        return zone.flatMap(it -> cron(section, values.text("cron"), it, problems));
    }

    private static Optional<ZoneId> zone(Section section, String name, ProblemCollector problems) {
        try {
            return Optional.of(ZoneId.of(name));
        } catch (DateTimeException unknown) {
            problems.error(
                    section.place("zone"),
                    "BAD_VALUE",
                    "'zone' is no time zone known here",
                    "Write one like Europe/Berlin, America/New_York or UTC.");
            return Optional.empty();
        }
    }

    private static Optional<List<LocalTime>> times(Section section, List<String> texts, ProblemCollector problems) {
        List<LocalTime> times = new ArrayList<>();
        for (String text : texts) {
            try {
                times.add(LocalTime.parse(text));
            } catch (DateTimeException wrong) {
                problems.error(
                        section.place("daily"),
                        "BAD_VALUE",
                        "an item of 'daily' is not a time of the day",
                        "Write hours and minutes in two digits each and in quotes, for example \"06:00\".");
                return Optional.empty();
            }
        }
        if (times.isEmpty()) {
            problems.error(section.place("daily"), "EMPTY_VALUE", "'daily' is empty", "Write at least one time.");
            return Optional.empty();
        }
        return Optional.of(times);
    }

    private static Optional<LoadingSchedule> cron(
            Section section, String expression, ZoneId zone, ProblemCollector problems) {
        try {
            return Optional.of(LoadingSchedule.AtCron.of(expression, zone));
        } catch (IllegalArgumentException wrong) {
            problems.error(
                    section.place("cron"),
                    "BAD_VALUE",
                    "'cron' can't be used: " + wrong.getMessage(),
                    "Write minute, hour, day of month, month and day of week, for example \"0 6 * * MON-FRI\".");
            return Optional.empty();
        }
    }
}
