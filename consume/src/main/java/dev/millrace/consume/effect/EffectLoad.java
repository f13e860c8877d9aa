package dev.millrace.consume.effect;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.storage.event.Schema;
import java.util.function.Supplier;

/** A finished effect as the destination is handed it. */
record EffectLoad(
        Schema schema,
        TableEffect.Run run,
        boolean truncated,
        boolean historical,
        int rowCount,
        Supplier<? extends RowCursor> cursors)
        implements TableLoad {
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
    public long loadedAtMicros() {
        return run.loadedAtMicros();
    }

    @Override
    public RowCursor rows() {
        return cursors.get();
    }
}
