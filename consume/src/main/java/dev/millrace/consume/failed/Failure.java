package dev.millrace.consume.failed;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Reason;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * Why an event is held back.
 *
 * @param phase where it failed
 * @param code stable, for grouping; {@link #BEHIND} for one that waits for an earlier event of its key
 * @param why the cause, at most {@value #MAX_WHY} characters each
 * @param column the source's or the destination's column at fault, empty where none is known
 * @param remedy what to do, a sentence of at most {@value #MAX_REMEDY} characters; empty where there is nothing to say
 */
public record Failure(Phase phase, String code, Reason why, String column, String remedy) {
    /** What is done to an event, in this order. */
    public enum Phase {
        VALIDATE,
        TRANSFORM,
        MAP,
        LOAD;

        /**
         * The phase of a name in lower case.
         *
         * @throws MillraceException USER NO_SUCH_PHASE
         */
        public static Phase named(String name) {
            return Arrays.stream(values())
                    .filter(phase -> phase.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst()
                    .orElseThrow(() -> MillraceException.user(
                            "NO_SUCH_PHASE",
                            "'" + name + "' is no phase",
                            "",
                            "Give validate, transform, map or load."));
        }
    }

    /** The code of events that wait behind another. */
    public static final String BEHIND = "BEHIND";

    /** The code of events of which only some are refused, and it wasn't found out in time which. */
    public static final String TOGETHER = "REFUSED_TOGETHER";

    private static final int MAX_WHY = 2_000;
    private static final int MAX_REMEDY = 1_000;

    public Failure {
        Objects.requireNonNull(phase);
        Objects.requireNonNull(code);
        Objects.requireNonNull(column);
        why = new Reason(limited(why.withValues()), limited(why.withoutValues()));
        remedy = remedy.length() <= MAX_REMEDY ? remedy : remedy.substring(0, MAX_REMEDY);
    }

    private static String limited(String why) {
        return why.length() <= MAX_WHY ? why : why.substring(0, MAX_WHY);
    }

    /** Where the cause tells nothing of the event's values. */
    public Failure(Phase phase, String code, String why, String column, String remedy) {
        this(phase, code, Reason.plain(why), column, remedy);
    }

    /** With nothing to do about it. */
    public Failure(Phase phase, String code, String why, String column) {
        this(phase, code, why, column, "");
    }

    /** What a phase threw. */
    public static Failure of(Phase phase, MillraceException thrown) {
        String why = thrown.why().isEmpty() ? thrown.what() : thrown.why();
        return thrown instanceof DataException data
                ? refused(phase, data.code(), data.reason(), data.column())
                : new Failure(phase, thrown.code(), why, "", thrown.remedy());
    }

    /** A value that the destination can't take. */
    public static Failure refused(Phase phase, String code, Reason why, String column) {
        return new Failure(phase, code, why, column, DataException.remedyOfParked(code));
    }

    /** The same, where it is not known whether it was this event or another one beside it. */
    public Failure together() {
        return new Failure(
                phase,
                TOGETHER,
                why.after("it or an event loaded with it, which took too long to find out: "),
                column,
                remedy);
    }

    static Failure behind(EventPlace first) {
        return new Failure(
                Phase.LOAD,
                BEHIND,
                first == null ? "an earlier event of its key" : "event " + first + " of its key",
                "");
    }

    /** Whether it may pass as soon as another event has: what it refers to may be on its way. */
    boolean mayPassSoon() {
        return code.equals(DataException.REFERENCE);
    }

    /** Whether the event itself is in order. */
    public boolean isBehind() {
        return code.equals(BEHIND);
    }
}
