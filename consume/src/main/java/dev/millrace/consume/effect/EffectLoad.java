package dev.millrace.consume.effect;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.storage.event.Schema;
import java.util.function.Supplier;

/** A finished effect as the destination is handed it. */
record EffectLoad(Schema schema, TableEffect.Run run, Facts facts, Supplier<? extends RowCursor> cursors)
        implements TableLoad {
    /** What the contract wants to know beside the rows; {@code truncatedAtMicros} {@link Long#MIN_VALUE} where it does not count. */
    record Facts(boolean truncated, boolean historical, int rowCount, long truncatedAtMicros) {
        Facts(boolean truncated, boolean historical, int rowCount) {
            this(truncated, historical, rowCount, Long.MIN_VALUE);
        }
    }

    @Override
    public TargetTable target() {
        return run.target();
    }

    @Override
    public OnDelete onDelete() {
        return run.onDelete();
    }

    @Override
    public boolean shadow() {
        return run.shadow();
    }

    @Override
    public boolean truncated() {
        return facts.truncated();
    }

    @Override
    public boolean historical() {
        return facts.historical();
    }

    @Override
    public int rowCount() {
        return facts.rowCount();
    }

    @Override
    public boolean loading() {
        return run.loading();
    }

    @Override
    public long truncatedAtMicros() {
        return facts.truncatedAtMicros();
    }

    @Override
    public long loadedAtMicros() {
        return run.loadedAtMicros();
    }

    @Override
    public RowCursor rows() {
        return cursors.get();
    }
}
