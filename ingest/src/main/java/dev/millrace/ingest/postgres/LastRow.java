package dev.millrace.ingest.postgres;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.postgresql.copy.CopyOut;
import org.postgresql.core.v3.CopyOutImpl;

/**
 * The row that the driver (42.7) keeps a hold of after it has been read from a COPY, until the next is asked for: an outsize one is taken from it,
 * since the next may be long in coming. Stateless.
 */
final class LastRow {
    private static final int OUTSIZE_BYTES = 8 << 20;
    private static final VarHandle KEPT = kept();

    private LastRow() {}

    private static VarHandle kept() {
        try {
            return MethodHandles.privateLookupIn(CopyOutImpl.class, MethodHandles.lookup())
                    .findVarHandle(CopyOutImpl.class, "currentDataRow", byte[].class);
        } catch (NoSuchFieldException | IllegalAccessException e) {
            return null; // another release of the driver: it keeps its row, which costs memory and nothing else
        }
    }

    /** Whether this release of the driver lets it be taken. */
    static boolean known() {
        return KEPT != null;
    }

    /** @param bytes of the row last read from {@code copy} */
    static void forget(CopyOut copy, int bytes) {
        if (bytes >= OUTSIZE_BYTES && KEPT != null && copy instanceof CopyOutImpl driver) {
            KEPT.set(driver, null);
        }
    }
}
