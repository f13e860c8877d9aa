package dev.millrace.consume.destination;

/**
 * Why a row is refused.
 *
 * @param withValues as the destination tells it, for who may see the row's values
 * @param withoutValues the same for logs, lists and everybody else: nothing of the row is in it
 */
public record Reason(String withValues, String withoutValues) {
    /** Without values, where the words may hold some. */
    public static final String HIDDEN = "in words that may hold values of the row, so they are shown with --clear only";

    /** One that tells nothing of the row. */
    public static Reason plain(String why) {
        return new Reason(why, why);
    }

    /** With this, which tells nothing of the row, in front. */
    public Reason after(String text) {
        return new Reason(text + withValues, text + withoutValues);
    }

    /** With this, which tells nothing of the row, behind it. */
    public Reason before(String text) {
        return new Reason(withValues + text, withoutValues + text);
    }
}
