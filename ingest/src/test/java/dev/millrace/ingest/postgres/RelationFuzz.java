package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.Mutator;
import java.util.List;
import java.util.SplittableRandom;

/** Damaged descriptions of relations, taken to the catalogue of the real server. */
final class RelationFuzz implements FuzzTarget {
    private final List<CatalogueTable> tables;
    private final CatalogueLink link;
    private final List<byte[]> descriptions;

    RelationFuzz(List<CatalogueTable> tables, CatalogueLink link, List<byte[]> messages) {
        this.tables = List.copyOf(tables);
        this.link = link;
        this.descriptions =
                messages.stream().filter(message -> message[0] == 'R').toList();
    }

    @Override
    public String name() {
        return "relations";
    }

    @Override
    public byte[][] input(SplittableRandom random) {
        byte[] description = Mutator.mutate(descriptions, random);
        if (description.length > 0) {
            description[0] = 'R';
        }
        return new byte[][] {description};
    }

    @Override
    public void decode(byte[][] input) {
        Captures.Listener listener = new Captures.Listener();
        ChangeDecoder decoder = new ChangeDecoder(
                new Relations(tables, link, listener), listener, StreamOffset.at(0, 1, 1, new byte[0]));
        decoder.message(input[0], 0, input[0].length);
    }

    /** Answers of the catalogue are counted in. */
    @Override
    public long allowance(byte[][] input) {
        return 64L << 20;
    }

    @Override
    public boolean expects(MillraceException refusal) {
        return List.of("STREAM_MALFORMED", "TABLE_RENAMED").contains(refusal.code());
    }
}
