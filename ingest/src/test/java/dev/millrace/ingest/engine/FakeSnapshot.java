package dev.millrace.ingest.engine;

import dev.millrace.ingest.source.Snapshot;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;

/** What of a {@link FakeDatabase} was visible, and how long its log was. */
record FakeSnapshot(BitSet visible, int logged) implements Snapshot {
    static FakeSnapshot decode(byte[] encoded) {
        int logged = ByteBuffer.wrap(encoded).getInt();
        return new FakeSnapshot(BitSet.valueOf(Arrays.copyOfRange(encoded, 4, encoded.length)), logged);
    }

    @Override
    public boolean sees(long transactionId) {
        return visible.get((int) transactionId - 1);
    }

    @Override
    public byte[] position() {
        return ByteBuffer.allocate(4).putInt(logged).array();
    }

    @Override
    public byte[] encode() {
        byte[] bits = visible.toByteArray();
        return ByteBuffer.allocate(4 + bits.length).putInt(logged).put(bits).array();
    }
}
