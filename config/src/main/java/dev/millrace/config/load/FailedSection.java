package dev.millrace.config.load;

import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.setting.Durations;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Range;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.setting.Sizes;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a pipeline's {@code failed} section. Stateless. */
final class FailedSection {
    private static final Pattern SHARE = Pattern.compile("(\\d{1,2}(?:\\.\\d{1,4})?|100)\\s*%");
    private static final String NEVER = "never";
    private static final long DAY_MILLIS = 86_400_000;

    private static final List<Setting> DECLARED = List.of(
            Setting.choice(
                    "policy",
                    "park",
                    List.of("park", "stop", "discard"),
                    "What becomes of an event that can't be applied."),
            Setting.bounded(
                    "keep",
                    Type.DURATION,
                    Durations.format(FailedPolicy.DEFAULT.keep()),
                    new Range(60_000, 3_650 * DAY_MILLIS),
                    "How long a failed event is kept, for example 7d."),
            Setting.bounded(
                    "maxSize",
                    Type.SIZE,
                    Sizes.format(FailedPolicy.DEFAULT.maxBytes()),
                    new Range(1 << 20, Long.MAX_VALUE),
                    "What failed events may take on disk; at the limit the pipeline stops."),
            Setting.optional(
                    "stopAtRate",
                    Type.TEXT,
                    "1%",
                    "The share of failed events above which the pipeline stops, for example 0.5%, or never."),
            Setting.bounded(
                    "rateOver",
                    Type.DURATION,
                    Durations.format(FailedPolicy.DEFAULT.rateOver()),
                    new Range(1_000, DAY_MILLIS),
                    "The time over which that share is taken."));

    private FailedSection() {}

    /** Empty when anything was complained about. */
    static Optional<FailedPolicy> read(Section top, ProblemCollector problems) {
        Section section = top.section("failed");
        Optional<Settings> settings = section.settings(DECLARED, Set.of());
        if (settings.isEmpty()) {
            return Optional.empty();
        }
        Settings values = settings.get();
        String share = values.text("stopAtRate").strip();
        Matcher matcher = SHARE.matcher(share);
        if (!share.equals(NEVER) && !matcher.matches()) {
            problems.error(
                    section.place("stopAtRate"),
                    "BAD_VALUE",
                    "'stopAtRate' is no share",
                    "Write a percentage, for example 1%, or never.");
            return Optional.empty();
        }
        double percent = share.equals(NEVER) ? 0 : Double.parseDouble(matcher.group(1));
        if (percent == 0 && !share.equals(NEVER)) {
            problems.error(
                    section.place("stopAtRate"),
                    "BAD_VALUE",
                    "'stopAtRate' is nothing",
                    "Write 'policy: stop' for a pipeline that stops at the first failed event, or never.");
            return Optional.empty();
        }
        return Optional.of(new FailedPolicy(
                FailedPolicy.Action.valueOf(values.text("policy").toUpperCase(Locale.ROOT)),
                values.duration("keep"),
                values.sizeBytes("maxSize"),
                percent,
                values.duration("rateOver")));
    }
}
