package dev.millrace.storage.log;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What makes bytes durable, and what tells the room for them. Tests put a failing one in its place. */
interface Disk {
    Disk REAL = new Disk() {
        @Override
        public void force(RandomAccessFile file) throws IOException {
            file.getFD().sync();
        }

        @Override
        public void forceFolder(Path folder) throws IOException {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }

        @Override
        public long usableBytes(Path folder) {
            return folder.toFile().getUsableSpace();
        }
    };

    /** Returns when the whole file is on disk. An error is final: the pages that failed may count as clean now. */
    void force(RandomAccessFile file) throws IOException;

    /** Returns when the folder's entries are on disk. */
    void forceFolder(Path folder) throws IOException;

    long usableBytes(Path folder);
}
