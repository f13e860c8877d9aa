package dev.millrace.storage.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.core.OS;
import net.openhft.posix.PosixAPI;

/**
 * Takes pages of a file that were written through a mapping out of this process's resident memory, piece by piece; in the page cache they stay
 * what they are, dirty or not.
 *
 * <p>The call that does so, madvise(2) with MADV_DONTNEED, zeroes memory that is not a file's shared mapping, without a word. So for each mapping
 * the kernel is asked where it lies and whether it is one (proc(5), maps), and nothing outside of what it says is ever named; where it doesn't say,
 * pages stay. Addresses are reckoned from the mapping's own beginning: the library, asked for that of a place outside of the mapping in use, moves
 * on to another one. Confined to one thread.
 */
final class LetGo {
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final long AT_ONCE_BYTES = 2L << 20;
    private static final int MADV_DONTNEED = 4;
    private static final long PAGE_BYTES = OS.pageSize();

    private final Advice advice;
    private BytesStore<?, ?> mapping;
    /** Address of the file's first byte, were it in the mapping. */
    private long origin;

    private Range shared;
    private long heldFrom;

    /** Says that these bytes, whole pages, are not needed. */
    @FunctionalInterface
    interface Advice {
        void dontNeed(long address, long length);
    }

    /** Addresses, the end exclusive. */
    private record Range(long from, long to) {
        static final Range NONE = new Range(0, 0);
    }

    LetGo(Advice advice) {
        this.advice = advice;
    }

    /** Of the kernel. */
    static LetGo ofKernel() {
        PosixAPI posix = PosixAPI.posix();
        return new LetGo((address, length) -> posix.madvise(address, length, MADV_DONTNEED));
    }

    /**
     * Bytes were written one after the other.
     *
     * @param to the mapping that is in use now, and stays so during the call; part of the bytes may have been written through the one before
     * @param start where in the file they begin
     * @param end where the next ones will
     */
    void written(BytesStore<?, ?> to, long start, long end) {
        if (to != mapping) {
            mapping = to;
            long address = to.addressForWrite(to.start());
            origin = address - to.start();
            shared = sharedAt(address);
            heldFrom = Math.max(origin + start, shared.from());
        }
        long last = Math.min(origin + end, shared.to()) & -PAGE_BYTES;
        if (last - heldFrom >= AT_ONCE_BYTES) {
            long first = (heldFrom + PAGE_BYTES - 1) & -PAGE_BYTES;
            advice.dontNeed(first, last - first);
            heldFrom = last;
        }
    }

    /** The shared mapping of a file that the address lies in; none where there is none, or the kernel doesn't tell. */
    private static Range sharedAt(long address) {
        if (!Files.exists(MAPS)) {
            return Range.NONE;
        }
        try {
            for (String line : Files.readAllLines(MAPS)) { // from-to perms offset device inode path
                int dash = line.indexOf('-');
                int space = line.indexOf(' ');
                long from = Long.parseUnsignedLong(line, 0, dash, 16);
                long to = Long.parseUnsignedLong(line, dash + 1, space, 16);
                if (address >= from && address < to) {
                    boolean file = line.indexOf('/') > 0;
                    return file && line.charAt(space + 4) == 's' ? new Range(from, to) : Range.NONE;
                }
            }
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return Range.NONE; // pages that stay are no fault
        }
        return Range.NONE;
    }
}
