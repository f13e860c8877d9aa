package dev.millrace.consume.transform.steps;

import dev.millrace.consume.transform.EventFailure;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * A text that a regular expression reads, which looks at the time as it is read: an expression that would try for ever fails its event. Used
 * again for each text. Confined to one thread.
 */
final class BoundedText implements CharSequence {
    /** Longer texts are not searched. */
    static final int MAX_CHARACTERS = 1_000_000;

    private static final long MAX_NANOS = 200_000_000L;
    private static final int LOOKS = 4_096;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private String text = "";
    private long end;
    private long cpuAtLook;
    private int left;

    /** Begins with a text. */
    BoundedText of(String newText) {
        if (newText.length() > MAX_CHARACTERS) {
            throw new EventFailure(
                    "TRANSFORM_TOO_LARGE",
                    "",
                    "the text has " + newText.length() + " characters, a regular expression takes " + MAX_CHARACTERS,
                    "Leave the column as it is, or use 'replace'.");
        }
        text = newText;
        end = 0;
        left = LOOKS;
        return this;
    }

    @Override
    public char charAt(int index) {
        if (--left == 0) {
            look();
        }
        return text.charAt(index);
    }

    private void look() {
        left = LOOKS;
        long now = System.nanoTime();
        if (end == 0) {
            end = now + MAX_NANOS;
            cpuAtLook = cpu();
        } else if (now - end > 0 && cpu() - cpuAtLook > MAX_NANOS) {
            throw tooSlow();
        }
    }

    /** Of this thread, so that a machine which stands still fails no event. */
    private static long cpu() {
        return THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }

    static EventFailure tooSlow() {
        return new EventFailure(
                "TRANSFORM_TOO_SLOW",
                "",
                "the regular expression came to no end within " + MAX_NANOS / 1_000_000 + " ms",
                "Write it so that it has one way to match: no repetition within a repetition, such as (a+)+.");
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public CharSequence subSequence(int begin, int finish) {
        return text.substring(begin, finish);
    }

    @Override
    public String toString() {
        return text;
    }
}
