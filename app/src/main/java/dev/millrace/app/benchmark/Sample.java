package dev.millrace.app.benchmark;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * One measurement.
 *
 * @param rows rows carried, 0 where there are none
 * @param bytes bytes carried, -1 unknown
 * @param seconds how long it took
 * @param cpuSeconds what this process has spent meanwhile in all its threads; the databases' own is not in it
 */
public record Sample(long rows, long bytes, double seconds, double cpuSeconds) {
    /** What is measured: returns what it has carried. */
    interface Work {
        Carried run() throws InterruptedException;
    }

    /** Rows and bytes; bytes -1 unknown. */
    record Carried(long rows, long bytes) {}

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    static Sample of(Work work) throws InterruptedException {
        long cpuBefore = SYSTEM.getProcessCpuTime();
        long before = System.nanoTime();
        Carried carried = work.run();
        double seconds = Math.max(1, System.nanoTime() - before) / 1e9;
        return new Sample(carried.rows(), carried.bytes(), seconds, (SYSTEM.getProcessCpuTime() - cpuBefore) / 1e9);
    }

    /** By rows, or by bytes where there are no rows. */
    double perSecond() {
        return (rows > 0 ? rows : bytes) / seconds;
    }
}
