package dev.millrace.app.bench;

/** Time, and what processes used in it. */
record Cost(long nanos, Usage usage) {
    static final Cost NONE = new Cost(0, Usage.NONE);

    /** What a process has used. Memory in megabytes: the most that was resident, and the most of it that was not of files. */
    record Usage(double cpuSeconds, double peakMegabytes, double peakPrivateMegabytes) {
        static final Usage NONE = new Usage(0, 0, 0);
    }

    /** Both, when they ran side by side. */
    Cost beside(Cost other) {
        return new Cost(
                Math.max(nanos, other.nanos),
                new Usage(
                        usage.cpuSeconds + other.usage.cpuSeconds,
                        usage.peakMegabytes + other.usage.peakMegabytes,
                        usage.peakPrivateMegabytes + other.usage.peakPrivateMegabytes));
    }

    /** Something that takes next to nothing, so that what else the machine does shows in it. */
    @FunctionalInterface
    interface Try {
        Cost take() throws Exception;
    }

    /** The shortest of so many tries of the same, at least one. */
    static Cost shortest(int tries, Try once) throws Exception {
        Cost shortest = once.take();
        for (int i = 2; i <= tries; i++) {
            Cost next = once.take();
            shortest = shortest.nanos <= next.nanos ? shortest : next;
        }
        return shortest;
    }

    /** What came after {@code earlier} of the same process; the memory is that of its whole life. */
    Cost since(Cost earlier) {
        return new Cost(
                nanos - earlier.nanos,
                new Usage(
                        usage.cpuSeconds - earlier.usage.cpuSeconds, usage.peakMegabytes, usage.peakPrivateMegabytes));
    }
}
