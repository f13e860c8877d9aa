package dev.millrace.storage.state;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.Mutator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Damaged values of the state store: schemas, run records, log indexes. Inputs are the value and one byte, its kind. */
public final class StateFuzz implements FuzzTarget {
    private final List<List<byte[]>> values = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());

    /** @param schemas at least one */
    public StateFuzz(List<Schema> schemas) {
        schemas.forEach(schema -> values.get(0).add(SchemaFormat.write(schema)));
        for (Run.Outcome outcome : Run.Outcome.values()) {
            Instant started = Instant.ofEpochMilli(1_795_000_000_000L + outcome.ordinal());
            values.get(1)
                    .add(Runs.write(new Run(
                            7L + outcome.ordinal(),
                            new Run.Subject("load", "shop", "public.film"),
                            started,
                            outcome == Run.Outcome.RUNNING ? Optional.empty() : Optional.of(started.plusMillis(5)),
                            Run.Counts.NONE,
                            outcome,
                            "because of " + outcome)));
        }
        values.get(2).add(StateFormat.index(1L << 40));
        values.get(2).add(StateFormat.index(12));
    }

    @Override
    public String name() {
        return "state values";
    }

    @Override
    public byte[][] input(SplittableRandom random) {
        int kind = random.nextInt(values.size());
        return new byte[][] {Mutator.mutate(values.get(kind), random), {(byte) kind}};
    }

    @Override
    public void decode(byte[][] input) {
        switch (input[1][0]) {
            case 0 -> SchemaFormat.read(input[0]).keyColumns();
            case 1 -> Runs.read(input[0]);
            default -> StateFormat.readIndex(input[0], "index");
        }
    }

    @Override
    public boolean expects(MillraceException refusal) {
        return List.of("STATE_DAMAGED", "DATA_FOLDER_VERSION").contains(refusal.code());
    }
}
