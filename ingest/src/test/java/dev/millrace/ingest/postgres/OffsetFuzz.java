package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.Mutator;
import java.util.List;
import java.util.SplittableRandom;

/** Damaged stored bytes of the connector's own: offsets, positions, keys, snapshots, marks. Inputs are the bytes and one byte, their kind. */
final class OffsetFuzz implements FuzzTarget {
    private final List<List<byte[]>> stored = List.of(
            List.of(
                    StreamOffset.at(0x16_B374D848L, 3, 7_000_000_000_000_000_000L, new byte[49])
                            .encode(),
                    new StreamOffset(99, 120, 7, 1, 5, new byte[0]).encode()),
            List.of(
                    StreamOffset.position(0x16_B374D848L),
                    StreamOffset.at(5, 1, 1, new byte[25]).encode()),
            List.of(KeyForm.encode(List.of("1", "", "ä key")), KeyForm.encode(List.of("42"))),
            List.of(
                    PostgresSnapshot.parse("700:710:701,705", "0/16B3748", false)
                            .encode(),
                    PostgresSnapshot.parse("10:10:", "0/1", true).encode()),
            List.of(new byte[25], new byte[49]));

    @Override
    public String name() {
        return "source offsets";
    }

    @Override
    public byte[][] input(SplittableRandom random) {
        int kind = random.nextInt(stored.size());
        return new byte[][] {Mutator.mutate(stored.get(kind), random), {(byte) kind}};
    }

    @Override
    public void decode(byte[][] input) {
        byte[] bytes = input[0];
        switch (input[1][0]) {
            case 0 -> StreamOffset.decode(bytes).describe();
            case 1 -> StreamOffset.positionOf(bytes);
            case 2 -> KeyForm.decode(bytes);
            case 3 -> PostgresSnapshot.decode(bytes).sees(7);
            default -> TableMarks.decode(bytes);
        }
    }

    @Override
    public boolean expects(MillraceException refusal) {
        return List.of("OFFSET_MALFORMED", "KEY_MALFORMED", "SNAPSHOT_MALFORMED")
                .contains(refusal.code());
    }
}
