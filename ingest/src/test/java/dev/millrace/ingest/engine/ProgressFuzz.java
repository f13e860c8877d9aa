package dev.millrace.ingest.engine;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.Mutator;
import java.util.List;
import java.util.SplittableRandom;

/** Damaged entries of the offset, as the engine keeps them. Inputs are the entry and one byte, its kind. */
public final class ProgressFuzz implements FuzzTarget {
    private static final TableName FILM = new TableName("public", "film");
    private static final SourceObject OBJECT = new SourceObject(
            FILM,
            "table",
            List.of(new Column("id", DataType.of(Type.LONG), false, 1, "bigint", 1)),
            1_000,
            100_000,
            false,
            "");

    private final List<List<byte[]>> entries;

    /** A snapshot of any bytes. */
    private record Opaque(byte[] encode) implements Snapshot {
        @Override
        public boolean sees(long transactionId) {
            return true;
        }

        @Override
        public byte[] position() {
            return encode;
        }
    }

    /** Makes entries of loads in every state. */
    public ProgressFuzz() {
        TableLoad begun = new TableLoad(OBJECT);
        begun.state = LoadStatus.State.LOADING;
        begun.low = new byte[] {1, 2, 3};
        begun.piece = new Opaque(new byte[12]);
        for (int i = 1; i < 5; i++) {
            TableLoad.Range range = new TableLoad.Range(i, begun.planPosition(), new byte[] {(byte) i, 9});
            range.done = i % 2 == 0;
            begun.ranges.add(range);
        }
        Barrier barrier = new Barrier(Barrier.ALL_RULES);
        barrier.restoreDropped(new byte[] {1, 0, 0, 0, 0, 0, 0, 2, (byte) 0xbc});
        entries = List.of(
                List.of(ProgressCodec.encode(begun), ProgressCodec.encode(new TableLoad(OBJECT))),
                List.of(ProgressCodec.table(FILM)),
                List.of(barrier.droppedUnseen(), new byte[] {1}));
    }

    @Override
    public String name() {
        return "load progress";
    }

    @Override
    public byte[][] input(SplittableRandom random) {
        int kind = random.nextInt(entries.size());
        return new byte[][] {Mutator.mutate(entries.get(kind), random), {(byte) kind}};
    }

    @Override
    public void decode(byte[][] input) {
        switch (input[1][0]) {
            case 0 -> ProgressCodec.decode(input[0], new TableLoad(OBJECT), Opaque::new);
            case 1 -> ProgressCodec.table(input[0]);
            default -> new Barrier(Barrier.ALL_RULES).restoreDropped(input[0]);
        }
    }

    @Override
    public boolean expects(MillraceException refusal) {
        return List.of("OFFSET_MALFORMED", "OFFSET_FORMAT").contains(refusal.code());
    }
}
