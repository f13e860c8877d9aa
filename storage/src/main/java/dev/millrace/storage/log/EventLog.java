package dev.millrace.storage.log;

import java.util.List;

/**
 * All topics of an installation. Thread-safe. {@link #close()} syncs and closes every topic; idempotent.
 */
public interface EventLog extends AutoCloseable {
    /**
     * Opens a topic, making it where it is not there. The files are verified before they are mapped: a torn tail is cut off and set aside,
     * damage further in leaves the good prefix readable and is told by {@link Topic#damage()}.
     *
     * @throws dev.millrace.config.error.MillraceException RESOURCE when the folder can't be used
     */
    Topic open(TopicName name);

    /** The topics on disk, opened or not. */
    List<TopicName> topics();

    /** Deletes a closed topic's files for good. */
    void delete(TopicName name);

    /** Bytes on disk over all topics. */
    long sizeBytes();

    @Override
    void close();
}
