package dev.millrace.storage.log;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.StoredBatch;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads a topic's files by plain reads and checks framing, sequence, chain and CRC of every excerpt. Takes the topic's lock only where it has
 * come to the end of what it knew to be durable, or of a file.
 */
final class TopicReader implements LogReader {
    private final ChronicleTopic topic;
    private final ExcerptReader excerpts = new ExcerptReader();
    private final ExcerptReader.Assembly assembly = new ExcerptReader.Assembly();
    private long index;
    private long readable;
    private LogFile file;
    private long fileEnd;
    private long fileFirst;
    private ExcerptCursor cursor;

    /** The next excerpt's predecessor is not known: its own word is taken for it. */
    private boolean anchoring;

    private boolean closed;

    private final OutsizeInHand outsize;
    private Room room = () -> {};
    private boolean inHand;

    TopicReader(ChronicleTopic topic, long afterIndex, OutsizeInHand outsize) {
        this.topic = topic;
        this.outsize = outsize;
        this.index = afterIndex;
        this.readable = afterIndex;
    }

    @Override
    public StoredBatch next(long timeoutMillis) throws InterruptedException {
        if (closed) {
            throw LogErrors.closed(topic.name());
        }
        letGo();
        try {
            if (index >= readable) {
                readable = topic.awaitBeyond(index, timeoutMillis);
                if (index >= readable) {
                    return null;
                }
                if (cursor != null) {
                    cursor.refresh();
                }
            }
            if (file == null || index >= fileEnd) {
                enterFile();
            }
            return read();
        } catch (EOFException e) {
            throw damaged("the file is shorter than it was");
        } catch (IOException e) {
            throw LogErrors.folder(cursor == null ? Path.of(topic.name().toString()) : cursor.path(), e);
        }
    }

    private void enterFile() throws IOException {
        TopicFiles.Place place = topic.locate(index);
        if (place == null) {
            throw new IllegalStateException("no file holds the batch behind " + index + " of " + topic.name());
        }
        if (place.file() == file) {
            fileEnd = place.lastIndex();
            return;
        }
        boolean sameChain = file != null && file.generation() == place.generation();
        closeCursor();
        ExcerptCursor opened = new ExcerptCursor(place.path());
        opened.moveTo(place.position());
        cursor = opened;
        file = place.file();
        fileFirst = place.firstIndex();
        fileEnd = place.lastIndex();
        anchoring = false;
        if (place.position() != 0 || index + 1 > fileFirst) {
            anchoring = true;
        } else if (!sameChain && fileFirst == place.generation().firstIndex()) {
            excerpts.start(fileFirst - 1, place.generation().previousCrc());
        } else {
            anchoring = !sameChain;
        }
    }

    private StoredBatch read() throws IOException, InterruptedException {
        while (true) {
            ExcerptCursor.Step step = cursor.next();
            if (step != ExcerptCursor.Step.EXCERPT) {
                throw damaged(
                        step == ExcerptCursor.Step.BAD ? "a length word is wrong" : "the file ends before the batch");
            }
            if (anchoring) {
                anchor();
            }
            String wrong = excerpts.take(cursor, true);
            if (wrong != null) {
                throw damaged(wrong);
            }
            Envelope envelope = excerpts.envelope();
            if (envelope.index() <= index) {
                continue;
            }
            if (envelope.part() == 0) {
                if (Math.max(envelope.bodyLength(), envelope.rawLength()) >= OutsizeInHand.BYTES) {
                    room.make();
                    outsize.taken();
                    inHand = true;
                    Thread.sleep(OutsizeInHand.SETTLE_MILLIS);
                }
                assembly.begin(envelope, inHand);
            }
            assembly.add(excerpts.payload(), envelope.payloadLength());
            if (envelope.lastPart()) {
                StoredBatch batch = assembly.finish(envelope);
                if (inHand) {
                    excerpts.forget();
                }
                index = envelope.index();
                return batch;
            }
        }
    }

    private void anchor() throws IOException {
        if (!excerpts.peek(cursor)
                || excerpts.envelope().index() > index + 1
                || excerpts.envelope().index() < fileFirst) {
            throw damaged("no batch begins where one was");
        }
        excerpts.start(excerpts.envelope().index() - 1, excerpts.envelope().previousCrc());
        anchoring = false;
    }

    /** The reader can't go on from here; asking again tells the same through the topic. */
    private MillraceException damaged(String what) {
        Path path = cursor.path();
        String detail = what + " (" + path + ", byte " + cursor.wordAt() + ")";
        readable = index;
        file = null;
        return topic.damaged(index, path, detail);
    }

    @Override
    public void beforeOutsize(Room newRoom) {
        room = newRoom;
    }

    private void letGo() {
        if (inHand) {
            inHand = false;
            outsize.done();
        }
    }

    @Override
    public long index() {
        return index;
    }

    private void closeCursor() throws IOException {
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
    }

    @Override
    public void close() {
        closed = true;
        letGo();
        try {
            closeCursor();
        } catch (IOException e) {
            throw LogErrors.folder(Path.of(topic.name().toString()), e);
        }
    }
}
