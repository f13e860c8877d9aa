package dev.millrace.storage.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Tells a record of RocksDB's write-ahead log that a crash has cut off from one whose length is damaged. RocksDB takes both for the end of
 * the log, and so leaves out in silence all that stands behind a damaged length in the file's last block. Behind a cut there is nothing.
 *
 * <pre>
 * blocks of 32768 bytes, the last one shorter; in them records, none of which crosses a block's end (RocksDB, db/log_format.h):
 *  0  4  CRC32C of type and payload, little-endian, rotated right by 15 and 0xa282ead8 added
 *  4  2  length of the payload, little-endian
 *  6  1  type: 1 whole, 2 first, 3 middle, 4 last part
 *  7     payload
 * fewer than 7 bytes at a block's end are zeros
 * </pre>
 *
 * Reads files only; stateless.
 */
final class WriteAheadLogTail {
    private static final int BLOCK = 32_768;
    private static final int HEADER = 7;
    private static final int MOST_TYPE = 4;

    private WriteAheadLogTail() {}

    /** Says which log goes on behind its end, empty when none does. {@code folder} is RocksDB's, which no process has open. */
    static Optional<String> damaged(Path folder) throws IOException {
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(folder, "*.log")) {
            for (Path log : logs) {
                byte[] block = lastBlock(log);
                int end = end(block);
                if (end >= 0 && recordBehind(block, end)) {
                    return Optional.of(
                            log.getFileName() + ": a record that ends behind the file's end is followed by others");
                }
            }
        }
        return Optional.empty();
    }

    private static byte[] lastBlock(Path log) throws IOException {
        try (var channel = Files.newByteChannel(log)) {
            long size = channel.size();
            ByteBuffer block = ByteBuffer.allocate((int) (size % BLOCK));
            channel.position(size - block.capacity());
            while (block.hasRemaining() && channel.read(block) >= 0) {
                // a short read goes on
            }
            return block.array();
        }
    }

    /** Where the record stands that ends behind the block's end; -1 when there is none, or another damage, which RocksDB tells. */
    private static int end(byte[] block) {
        int at = 0;
        while (block.length - at >= HEADER) {
            int length = length(block, at);
            if (at + HEADER + length > block.length) {
                return at;
            }
            if (!valid(block, at)) {
                return -1;
            }
            at += HEADER + length;
        }
        return -1;
    }

    private static boolean recordBehind(byte[] block, int end) {
        for (int at = end + 1; at + HEADER < block.length; at++) {
            if (valid(block, at)) {
                return true;
            }
        }
        return false;
    }

    private static boolean valid(byte[] block, int at) {
        int type = block[at + HEADER - 1];
        int length = length(block, at);
        if (type < 1 || type > MOST_TYPE || length == 0 || at + HEADER + length > block.length) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(block, at + HEADER - 1, 1 + length);
        int told = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
        return told == Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    private static int length(byte[] block, int at) {
        return (block[at + 4] & 0xFF) | (block[at + 5] & 0xFF) << 8;
    }
}
