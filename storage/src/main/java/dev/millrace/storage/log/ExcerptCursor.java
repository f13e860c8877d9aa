package dev.millrace.storage.log;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Walks a queue file's excerpts by plain reads, never by a mapping: a wrong length word then is a finding, not a crash. A file is a run of
 * documents, each a 4-byte little-endian word and that many bytes, aligned to 4; the word's bit 31 says unfinished (with bit 30: the file
 * ends here), bit 30 that the document is the queue's own. Confined to one thread.
 */
final class ExcerptCursor implements Closeable {
    /** What {@link #next} came to. */
    enum Step {
        EXCERPT,
        /** Nothing was written here, or the file was ended. */
        END,
        /** An excerpt was begun and not finished. */
        UNFINISHED,
        /** The length word reaches beyond the file. */
        BAD
    }

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int UNFINISHED_BIT = 0x80000000;
    private static final int QUEUE_BIT = 0x40000000;
    private static final int LENGTH_MASK = 0x3fffffff;
    private static final int WINDOW_BYTES = 64 << 10;

    private final Path path;
    private final RandomAccessFile file;
    private final byte[] window = new byte[WINDOW_BYTES];
    private long windowAt;
    private int windowLength;
    private long fileLength;

    private long position;
    private long wordAt;
    private int length;

    ExcerptCursor(Path path) throws IOException {
        this.path = path;
        this.file = new RandomAccessFile(path.toFile(), "r");
        this.fileLength = file.length();
    }

    Path path() {
        return path;
    }

    /** Forgets what was read ahead, since more has been written meanwhile. */
    void refresh() throws IOException {
        windowLength = 0;
        fileLength = file.length();
    }

    void moveTo(long newPosition) {
        position = newPosition;
    }

    /** Where the walk stands: behind the current excerpt, or at the word that ended it. */
    long position() {
        return position;
    }

    Step next() throws IOException {
        while (position + 4 <= fileLength) {
            require(position, 4);
            int word = (int) INT.get(window, (int) (position - windowAt));
            if (word == 0 || word == (UNFINISHED_BIT | QUEUE_BIT)) {
                return Step.END;
            }
            if ((word & UNFINISHED_BIT) != 0) {
                return Step.UNFINISHED;
            }
            int documentLength = word & LENGTH_MASK;
            if (position + 4 + documentLength > fileLength) {
                return Step.BAD;
            }
            wordAt = position;
            length = documentLength;
            position = (position + 4 + documentLength + 3) & ~3L;
            if ((word & QUEUE_BIT) == 0) {
                return Step.EXCERPT;
            }
        }
        return Step.END;
    }

    /** Where the current excerpt's length word stands. */
    long wordAt() {
        return wordAt;
    }

    /** The current excerpt's bytes. */
    int length() {
        return length;
    }

    /** Reads from the current excerpt. */
    void read(int offset, byte[] target, int targetOffset, int bytes) throws IOException {
        readAt(wordAt + 4 + offset, target, targetOffset, bytes);
    }

    /** Reads from anywhere in the file. */
    void readAt(long from, byte[] target, int targetOffset, int bytes) throws IOException {
        if (bytes <= WINDOW_BYTES) {
            require(from, bytes);
            System.arraycopy(window, (int) (from - windowAt), target, targetOffset, bytes);
            return;
        }
        file.seek(from);
        file.readFully(target, targetOffset, bytes);
    }

    long fileLength() {
        return fileLength;
    }

    private void require(long from, int bytes) throws IOException {
        if (from >= windowAt && from + bytes <= windowAt + windowLength) {
            return;
        }
        windowAt = from;
        windowLength = 0;
        file.seek(from);
        int wanted = (int) Math.min(WINDOW_BYTES, fileLength - from);
        file.readFully(window, 0, wanted);
        windowLength = wanted;
        if (bytes > wanted) {
            throw new java.io.EOFException(path + " ends at byte " + fileLength);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
