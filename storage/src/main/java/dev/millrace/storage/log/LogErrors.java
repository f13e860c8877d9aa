package dev.millrace.storage.log;

import dev.millrace.config.error.MillraceException;
import java.nio.file.Path;

/** The package's failures, each worded once. */
final class LogErrors {
    private LogErrors() {}

    static MillraceException folder(Path folder, Throwable cause) {
        return MillraceException.resource(
                "LOG_FOLDER",
                "The log folder " + folder + " can't be used",
                String.valueOf(cause),
                "Check that it exists, belongs to this user and is on a healthy disk.",
                cause);
    }

    static MillraceException failed(TopicName topic, Throwable cause) {
        return MillraceException.resource(
                "LOG_FAILED",
                "The log of " + topic + " takes no more batches",
                "writing or syncing it failed: " + cause,
                "Check the disk, then start the pipeline again; what was not acknowledged is read again from the source.",
                cause);
    }

    static MillraceException diskFull(TopicName topic, long freeBytes, long neededBytes) {
        return MillraceException.external(
                "DISK_FULL",
                "The log of " + topic + " can't take a batch",
                "the disk has " + freeBytes + " bytes free, the batch and the reserve need " + neededBytes,
                "Free disk space; the pipeline goes on by itself.",
                null);
    }

    static MillraceException damaged(TopicName topic, LogDamage damage) {
        return MillraceException.resource(
                "LOG_DAMAGED",
                "The log of " + topic + " is damaged behind batch " + damage.lastGoodIndex(),
                damage.detail() + "; batches up to " + damage.lastKnownIndex() + " were durable",
                loadAnew(topic) + " What is damaged is set aside, beside " + damage.setAside() + ".",
                null);
    }

    static MillraceException indexGone(TopicName topic, long index, long first) {
        return MillraceException.resource(
                "LOG_INDEX_GONE",
                "The log of " + topic + " no longer holds batch " + index,
                "its first batch is " + first + ", older ones were released and deleted",
                loadAnew(topic),
                null);
    }

    static MillraceException behind(TopicName topic, long index, long last) {
        return MillraceException.resource(
                "LOG_BEHIND",
                "The log of " + topic + " ends before batch " + index,
                "its last batch is " + last + ": the data folder is older than the position",
                "Restore the newer data folder, or begin again. " + loadAnew(topic),
                null);
    }

    private static String loadAnew(TopicName topic) {
        return "Run 'millrace reload --all --pipeline " + topic.pipeline()
                + "': a new log begins, and every object is loaded again.";
    }

    static MillraceException closed(TopicName topic) {
        return MillraceException.resource(
                "LOG_CLOSED", "The log of " + topic + " is closed", "the pipeline is stopping", "", null);
    }
}
