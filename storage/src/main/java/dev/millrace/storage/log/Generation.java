package dev.millrace.storage.log;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A folder of files written by one opening of a topic. Files of an earlier opening are never mapped again, only read, since a damaged one
 * would crash the process; so whatever a crash has left at their end is cut off by the start of the next generation, which says behind
 * which batch it goes on.
 *
 * <pre>
 * file "start"
 *  0   4  magic "MRG1"
 *  4   1  1: goes on where the log ended, 2: restarted behind damage or behind a destination that was ahead
 *  5   8  index of its first batch
 * 13   8  the batch before it in the log; whatever an earlier generation holds behind that one does not count
 * 21   4  CRC of the excerpt before it: the chain
 * 25   4  CRC32C of bytes 0 to 24
 * </pre>
 *
 * Integers are big-endian.
 */
record Generation(Path folder, int number, boolean restart, long firstIndex, long follows, int previousCrc) {
    private static final String START = "start";
    private static final int MAGIC = 'M' << 24 | 'R' << 16 | 'G' << 8 | '1';
    private static final int BYTES = 29;

    static Generation begin(
            Path topicFolder, int number, boolean restart, long firstIndex, long follows, int previousCrc) {
        return new Generation(
                topicFolder.resolve(String.format(Locale.ROOT, "g%06d", number)),
                number,
                restart,
                firstIndex,
                follows,
                previousCrc);
    }

    /** Makes the folder and writes the start into the file returned, which is not synced yet. */
    RandomAccessFile create() throws IOException {
        Files.createDirectories(folder);
        RandomAccessFile file = new RandomAccessFile(folder.resolve(START).toFile(), "rw");
        ByteBuffer out = ByteBuffer.allocate(BYTES);
        out.putInt(MAGIC)
                .put((byte) (restart ? 2 : 1))
                .putLong(firstIndex)
                .putLong(follows)
                .putInt(previousCrc);
        out.putInt(crc(out.array()));
        file.write(out.array());
        return file;
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, BYTES - 4);
        return (int) crc.getValue();
    }

    /** The generation in {@code folder}, empty when its start is missing or damaged. */
    static Optional<Generation> read(Path folder) throws IOException {
        Path start = folder.resolve(START);
        if (!Files.exists(start) || Files.size(start) != BYTES) {
            return Optional.empty();
        }
        byte[] bytes = Files.readAllBytes(start);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt() != MAGIC || in.getInt(BYTES - 4) != crc(bytes)) {
            return Optional.empty();
        }
        return Optional.of(
                new Generation(folder, number(folder), in.get() == 2, in.getLong(), in.getLong(), in.getInt()));
    }

    static int number(Path folder) {
        return Integer.parseInt(folder.getFileName().toString().substring(1));
    }

    /** The folders of a topic's generations, oldest first. */
    static List<Path> folders(Path topicFolder) throws IOException {
        if (!Files.isDirectory(topicFolder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(topicFolder)) {
            return entries.filter(entry -> entry.getFileName().toString().matches("g\\d{6}"))
                    .sorted()
                    .toList();
        }
    }

    /** The queue's files in a generation's folder, oldest first: their names are their times. */
    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.getFileName().toString().endsWith(".cq4"))
                    .sorted()
                    .toList();
        }
    }
}
