package dev.millrace.storage.state;

import dev.millrace.config.error.MillraceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The state store in RocksDB: a column family for each kind, everything in one write-ahead log, which is what a synced write waits for.
 * Opening refuses a log that is damaged anywhere but in its last, torn record. Small in memory: 8 MB of cache and 8 MB of write buffers over
 * all kinds. Below the folder, {@code rocksdb/} holds the data and {@code native/} the unpacked library.
 *
 * <p>Thread-safe. A read-write lock keeps {@link #close()} apart from calls under way, since RocksDB would crash the process; a call after it
 * is an {@link IllegalStateException}.
 */
public final class RocksStateStore implements StateStore {
    private static final int MAX_KEY_CHARACTERS = 2_000;
    private static final int MAX_VALUE_BYTES = 64 << 20;
    private static final long CACHE_BYTES = 8L << 20;
    private static final long WRITE_BUFFERS_BYTES = 8L << 20;
    private static final byte AFTER_ANY_UTF8 = (byte) 0xFF;

    private final Path folder;
    private final RocksDB database;
    private final Map<Kind, ColumnFamilyHandle> families;
    private final List<AutoCloseable> closedLast;
    private final WriteOptions synced;
    private final WriteOptions unsynced;
    private final ReadWriteLock closing = new ReentrantReadWriteLock();
    private boolean closed;

    private RocksStateStore(
            Path folder, RocksDB database, Map<Kind, ColumnFamilyHandle> families, List<AutoCloseable> closedLast) {
        this.folder = folder;
        this.database = database;
        this.families = families;
        this.closedLast = closedLast;
        this.synced = new WriteOptions().setSync(true);
        this.unsynced = new WriteOptions().setSync(false);
    }

    /**
     * Opens the store in {@code folder}, making it where it is not there.
     *
     * @throws MillraceException RESOURCE: STATE_DAMAGED when what is there can't be trusted, DISK_FULL, STATE_FAILED for the rest
     */
    public static RocksStateStore open(Path folder) {
        Path data = folder.resolve("rocksdb").toAbsolutePath();
        try {
            Files.createDirectories(data);
            Optional<String> damaged = WriteAheadLogTail.damaged(data);
            if (damaged.isPresent()) {
                throw failed("open", folder, Status.Code.Corruption, damaged.get(), null);
            }
        } catch (IOException failed) {
            throw failed("open", folder, Status.Code.IOError, String.valueOf(failed), failed);
        }
        NativeLibrary.load(folder.resolve("native"));
        Cache cache = new LRUCache(CACHE_BYTES);
        ColumnFamilyOptions familyOptions = familyOptions(cache);
        DBOptions options = options();
        List<AutoCloseable> owned = List.of(options, familyOptions, cache);
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try {
            RocksDB database = RocksDB.open(options, data.toString(), families(familyOptions), handles);
            Map<Kind, ColumnFamilyHandle> families = new EnumMap<>(Kind.class);
            for (Kind kind : Kind.values()) {
                families.put(kind, handles.get(kind.ordinal() + 1));
            }
            return new RocksStateStore(folder, database, families, owned);
        } catch (RocksDBException failed) {
            owned.forEach(RocksStateStore::free);
            throw failed("open", folder, failed);
        }
    }

    /** The default one, then those of the kinds in their order. */
    private static List<ColumnFamilyDescriptor> families(ColumnFamilyOptions options) {
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        families.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, options));
        for (Kind kind : Kind.values()) {
            String name = kind.name().toLowerCase(Locale.ROOT);
            families.add(new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.UTF_8), options));
        }
        return families;
    }

    private static DBOptions options() {
        return new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setParanoidChecks(true)
                // The default mode drops everything behind a damaged record without a word.
                .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
                .setDbWriteBufferSize(WRITE_BUFFERS_BYTES)
                .setMaxTotalWalSize(64L << 20)
                .setMaxOpenFiles(64)
                .setMaxBackgroundJobs(2)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(1L << 20)
                .setKeepLogFileNum(3)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0);
    }

    private static ColumnFamilyOptions familyOptions(Cache cache) {
        return new ColumnFamilyOptions()
                .setWriteBufferSize(2L << 20)
                .setMaxWriteBufferNumber(2)
                .setTableFormatConfig(
                        new BlockBasedTableConfig().setBlockCache(cache).setCacheIndexAndFilterBlocks(true));
    }

    @Override
    public Optional<byte[]> get(Kind kind, String key) {
        byte[] keyBytes = keyBytes(key);
        closing.readLock().lock();
        try {
            requireOpen();
            return Optional.ofNullable(database.get(families.get(kind), keyBytes));
        } catch (RocksDBException failed) {
            throw failed("read", folder, failed);
        } finally {
            closing.readLock().unlock();
        }
    }

    @Override
    public List<Map.Entry<String, byte[]>> list(Kind kind, String prefix, String after, int limit) {
        byte[] first = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] behind = after.getBytes(StandardCharsets.UTF_8);
        byte[] from = Arrays.compareUnsigned(first, behind) < 0 ? behind : first;
        List<Map.Entry<String, byte[]>> entries = new ArrayList<>();
        closing.readLock().lock();
        try {
            requireOpen();
            try (RocksIterator iterator = database.newIterator(families.get(kind))) {
                for (iterator.seek(from); entries.size() < limit && iterator.isValid(); iterator.next()) {
                    byte[] key = iterator.key();
                    if (Arrays.equals(key, behind)) {
                        continue;
                    }
                    if (key.length < first.length || !Arrays.equals(key, 0, first.length, first, 0, first.length)) {
                        break;
                    }
                    entries.add(Map.entry(new String(key, StandardCharsets.UTF_8), iterator.value()));
                }
                iterator.status();
            }
            return entries;
        } catch (RocksDBException failed) {
            throw failed("read", folder, failed);
        } finally {
            closing.readLock().unlock();
        }
    }

    @Override
    public void write(StateChanges changes, boolean isSynced) {
        closing.readLock().lock();
        try (WriteBatch batch = new WriteBatch()) {
            requireOpen();
            for (StateChanges.Change change : changes.changes()) {
                add(batch, change);
            }
            database.write(isSynced ? synced : unsynced, batch);
        } catch (RocksDBException failed) {
            throw failed("write", folder, failed);
        } finally {
            closing.readLock().unlock();
        }
    }

    private void add(WriteBatch batch, StateChanges.Change change) throws RocksDBException {
        ColumnFamilyHandle family = families.get(change.kind());
        if (change.prefix()) {
            byte[] first = change.key().getBytes(StandardCharsets.UTF_8);
            byte[] end = Arrays.copyOf(first, first.length + 1);
            end[first.length] = AFTER_ANY_UTF8;
            batch.deleteRange(family, first, end);
        } else if (change.value() == null) {
            batch.delete(family, keyBytes(change.key()));
        } else if (change.value().length > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "value of " + change.value().length + " bytes for '" + change.key() + "'");
        } else {
            batch.put(family, keyBytes(change.key()), change.value());
        }
    }

    /** Opens the files of a store without changing them, and reads them all; throws RESOURCE STATE_DAMAGED and others as {@link #open}. */
    static void verify(Path data) {
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (ColumnFamilyOptions familyOptions = new ColumnFamilyOptions();
                DBOptions options = options().setCreateIfMissing(false);
                RocksDB database = RocksDB.openReadOnly(options, data.toString(), families(familyOptions), handles)) {
            database.verifyChecksum();
            handles.forEach(ColumnFamilyHandle::close);
        } catch (RocksDBException failed) {
            throw failed("read", data, failed);
        }
    }

    @Override
    public void checkpoint(Path target) {
        if (Files.exists(target)) {
            throw failed("copy", target, Status.Code.InvalidArgument, "the folder is already there", null);
        }
        closing.readLock().lock();
        try {
            requireOpen();
            Files.createDirectories(target.toAbsolutePath().getParent());
            try (Checkpoint checkpoint = Checkpoint.create(database)) {
                checkpoint.createCheckpoint(target.toAbsolutePath().toString());
            }
        } catch (RocksDBException failed) {
            throw failed("copy", target, failed);
        } catch (IOException failed) {
            throw failed("copy", target, Status.Code.IOError, String.valueOf(failed), failed);
        } finally {
            closing.readLock().unlock();
        }
    }

    @Override
    public void close() {
        closing.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            families.values().forEach(ColumnFamilyHandle::close);
            database.closeE();
        } catch (RocksDBException failed) {
            throw failed("close", folder, failed);
        } finally {
            synced.close();
            unsynced.close();
            closedLast.forEach(RocksStateStore::free);
            closing.writeLock().unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the state store in " + folder + " is closed");
        }
    }

    private static void free(AutoCloseable owned) {
        try {
            owned.close();
        } catch (Exception failed) {
            throw new IllegalStateException("native memory could not be freed", failed);
        }
    }

    private static byte[] keyBytes(String key) {
        if (key.isEmpty() || key.length() > MAX_KEY_CHARACTERS) {
            throw new IllegalArgumentException("key of " + key.length() + " characters");
        }
        return key.getBytes(StandardCharsets.UTF_8);
    }

    static MillraceException failed(String action, Path folder, RocksDBException cause) {
        Status status = cause.getStatus();
        boolean full = status != null && status.getSubCode() == Status.SubCode.NoSpace;
        Status.Code code = status == null ? Status.Code.Undefined : full ? Status.Code.Incomplete : status.getCode();
        return failed(action, folder, code, String.valueOf(cause.getMessage()), cause);
    }

    /** {@code Incomplete} stands for a full disk, which RocksDB tells only by a sub-code or in the text. */
    private static MillraceException failed(
            String action, Path folder, Status.Code status, String why, Exception cause) {
        String what = "The state store can't " + action + " " + folder;
        if (status == Status.Code.Incomplete || why.contains("No space left")) {
            return MillraceException.resource(
                    "DISK_FULL", what, why, "Free disk space there, then start again: nothing is lost.", cause);
        }
        // it asks for no file but those that it made: one that is missing was taken from it
        if (status == Status.Code.Corruption || why.contains("No such file or directory")) {
            return MillraceException.resource(
                    "STATE_DAMAGED", what + ": it is damaged", why, StateFormat.WAY_BACK, cause);
        }
        return MillraceException.resource(
                "STATE_FAILED",
                what,
                why,
                "Check the disk and that no other process uses the folder, then start again.",
                cause);
    }
}
