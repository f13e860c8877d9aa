package dev.millrace.web;

import java.util.Objects;

/** What a user wants to become of an object at the destination. */
public sealed interface MappingWish {
    /** Its table, or what it has lost of it, is made again, and it is loaded again. */
    record Recreate() implements MappingWish {}

    /** It isn't loaded any more. */
    record Skip() implements MappingWish {}

    /** It is loaded, from its beginning, where it was skipped or waits. */
    record Unskip() implements MappingWish {}

    /** @param table where it is loaded to, from its beginning: {@code schema.name}, or a name in the schema it has now */
    record To(String table) implements MappingWish {
        public To {
            Objects.requireNonNull(table);
        }
    }
}
