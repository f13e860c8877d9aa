package dev.millrace.storage.log;

import dev.millrace.storage.folder.FolderTree;
import dev.millrace.storage.state.StateStore;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event log on this machine's disk, by Chronicle Queue. A folder belongs to one process at a time, which the state store's lock sees to:
 * open that first.
 */
public final class ChronicleEventLog implements EventLog {
    private static final Logger LOG = LoggerFactory.getLogger(ChronicleEventLog.class);

    private final LogOptions options;
    private final StateStore state;
    private final Disk disk;
    private final OutsizeInHand outsize = new OutsizeInHand(System::nanoTime);
    private final Map<TopicName, ChronicleTopic> open = new HashMap<>();

    /** Sizes of the topics that are not open, once they were asked for. */
    private Map<TopicName, Long> closedBytes;

    /** @param state keeps each topic's checkpoint; closed by its owner, after the log */
    public ChronicleEventLog(LogOptions options, StateStore state) {
        this(options, state, Disk.REAL);
    }

    ChronicleEventLog(LogOptions options, StateStore state, Disk disk) {
        this.options = options;
        this.state = state;
        this.disk = disk;
    }

    @Override
    public synchronized Topic open(TopicName name) {
        ChronicleTopic known = open.get(name);
        if (known != null) {
            return known;
        }
        try {
            Files.createDirectories(options.folder());
        } catch (IOException e) {
            throw LogErrors.folder(options.folder(), e);
        }
        ChronicleTopic topic =
                new ChronicleTopic(name, options, disk, new LogStore(state, name), this::sizeBytes, outsize);
        topic.start(() -> closed(topic));
        open.put(name, topic);
        LOG.info("log: topic {} opened, last batch {}, {} bytes", name, topic.appendedIndex(), topic.sizeBytes());
        return topic;
    }

    private synchronized void closed(ChronicleTopic topic) {
        if (open.remove(topic.name(), topic) && closedBytes != null) {
            closedBytes.put(topic.name(), topic.sizeBytes());
        }
    }

    @Override
    public List<TopicName> topics() {
        try {
            return TopicFolders.list(options.folder());
        } catch (IOException e) {
            throw LogErrors.folder(options.folder(), e);
        }
    }

    @Override
    public synchronized void delete(TopicName name) {
        if (open.containsKey(name)) {
            throw new IllegalStateException("topic " + name + " is deleted while it is open");
        }
        try {
            FolderTree.delete(TopicFolders.of(options.folder(), name));
        } catch (IOException e) {
            throw LogErrors.folder(options.folder(), e);
        }
        new LogStore(state, name).forget();
        if (closedBytes != null) {
            closedBytes.remove(name);
        }
    }

    @Override
    public synchronized long sizeBytes() {
        if (closedBytes == null) {
            closedBytes = new HashMap<>();
            for (TopicName name : topics()) {
                closedBytes.put(
                        name,
                        new LogStore(state, name)
                                .read()
                                .map(Checkpoint::sizeBytes)
                                .orElse(0L));
            }
        }
        long bytes = 0;
        for (Map.Entry<TopicName, Long> closed : closedBytes.entrySet()) {
            bytes += open.containsKey(closed.getKey()) ? 0 : closed.getValue();
        }
        for (ChronicleTopic topic : open.values()) {
            bytes += topic.sizeBytes();
        }
        return bytes;
    }

    @Override
    public void close() {
        List<ChronicleTopic> topics;
        synchronized (this) {
            topics = new ArrayList<>(open.values());
        }
        RuntimeException first = null;
        for (ChronicleTopic topic : topics) {
            try {
                topic.close();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
