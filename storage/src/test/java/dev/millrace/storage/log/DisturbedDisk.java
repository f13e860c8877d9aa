package dev.millrace.storage.log;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * The real disk, but for what happens instead of a sync, or right before it.
 *
 * @param beforeSync throws where the sync is to fail
 */
record DisturbedDisk(Disturbance beforeSync) implements Disk {
    /** What a disk may do to a sync. */
    @FunctionalInterface
    interface Disturbance {
        void happen() throws IOException;
    }

    @Override
    public void force(RandomAccessFile file) throws IOException {
        beforeSync.happen();
        Disk.REAL.force(file);
    }

    @Override
    public void forceFolder(Path changed) throws IOException {
        Disk.REAL.forceFolder(changed);
    }

    @Override
    public long usableBytes(Path place) {
        return Disk.REAL.usableBytes(place);
    }
}
