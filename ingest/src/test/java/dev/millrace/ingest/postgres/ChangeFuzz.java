package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchFuzz;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.Mutator;
import java.util.List;
import java.util.SplittableRandom;

/** Damaged messages of the change stream, within a transaction; whatever was refused, the batch stays whole and readable. */
final class ChangeFuzz implements FuzzTarget {
    private final Relations relations;
    private final List<byte[]> messages;
    private final byte[] begin;

    ChangeFuzz(Relations relations, List<byte[]> messages) {
        this.relations = relations;
        this.messages = List.copyOf(messages);
        this.begin = messages.get(0);
    }

    @Override
    public String name() {
        return "pgoutput";
    }

    @Override
    public byte[][] input(SplittableRandom random) {
        byte[][] input = new byte[2 + random.nextInt(3)][];
        boolean first = random.nextInt(32) == 0;
        input[0] = first ? Mutator.mutate(messages, random) : begin;
        for (int i = 1; i < input.length; i++) {
            boolean whole = i > 1 && random.nextBoolean();
            input[i] = whole ? messages.get(random.nextInt(messages.size())) : Mutator.mutate(messages, random);
        }
        return input;
    }

    /** Descriptions of relations are only read: what they make of the catalogue is {@link RelationFuzz}'s. */
    @Override
    public void decode(byte[][] input) {
        ChangeDecoder decoder =
                new ChangeDecoder(relations, new Captures.Listener(), StreamOffset.at(0, 1, 1, new byte[0]));
        BatchWriter out = new BatchWriter();
        decoder.beginRead(out);
        try {
            for (byte[] message : input) {
                if (message.length > 0 && message[0] == 'R') {
                    MessageBytes in = new MessageBytes();
                    in.open(message, 1, message.length - 1);
                    RelationMessage.read(in);
                } else {
                    decoder.message(message, 0, message.length);
                }
            }
        } finally {
            requireWhole(decoder, out);
        }
    }

    private static void requireWhole(ChangeDecoder decoder, BatchWriter out) {
        if (out.eventCount() != decoder.written()) {
            throw new AssertionError("told of " + decoder.written() + " events, wrote " + out.eventCount());
        }
        BatchFuzz.walk(out.finish(0, false, true, OffsetDelta.NONE).stored(1));
    }

    @Override
    public boolean expects(MillraceException refusal) {
        return List.of("STREAM_MALFORMED", "SOURCE_VALUE_MALFORMED").contains(refusal.code());
    }
}
