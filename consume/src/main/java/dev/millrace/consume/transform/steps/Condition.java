package dev.millrace.consume.transform.steps;

import dev.millrace.consume.script.Direct;
import dev.millrace.consume.script.DirectResult;
import dev.millrace.consume.script.DirectRow;
import dev.millrace.consume.script.Expression;
import dev.millrace.consume.script.RowView;
import dev.millrace.consume.script.ScriptFailure;
import dev.millrace.consume.transform.EventFailure;
import dev.millrace.storage.event.DataType;
import java.util.List;

/** An expression over slots. Confined to one thread. */
final class Condition {
    private final Expression expression;
    private final int[] inputs;
    private final Slots view;
    private final Direct direct;
    private final Taken taken = new Taken();

    /** @param columns what the expression was compiled with */
    Condition(Expression expression, List<LayoutColumn> columns) {
        this.expression = expression;
        this.view = new Slots(columns);
        this.direct = expression.direct().orElse(null);
        this.inputs = expression.inputs();
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = columns.get(inputs[i]).slot();
        }
    }

    /** The slots it reads. */
    int[] inputs() {
        return inputs;
    }

    /** Unknown where a value it needs is UNCHANGED. */
    Image.Answer test(Image image) {
        for (int slot : inputs) {
            if (image.slots[slot].isUnchanged()) {
                return Image.Answer.UNKNOWN;
            }
        }
        view.image = image;
        if (direct != null && direct.takes(view)) {
            switch (direct.test(view)) {
                case TRUE -> {
                    return Image.Answer.YES;
                }
                case FALSE -> {
                    return Image.Answer.NO;
                }
                case OPEN -> {}
            }
        }
        try {
            return expression.test(view, now(image)) ? Image.Answer.YES : Image.Answer.NO;
        } catch (ScriptFailure failure) {
            throw failed(failure);
        }
    }

    /** The value as {@code wanted}, into {@code to}; the inputs are known. */
    void evaluate(Image image, DataType wanted, Value to) {
        view.image = image;
        taken.value = to;
        if (direct != null && direct.takes(view) && direct.evaluate(view, wanted, taken)) {
            return;
        }
        try {
            Objects.set(to, wanted.type(), expression.evaluateAs(wanted, view, now(image)));
        } catch (ScriptFailure failure) {
            throw failed(failure);
        }
    }

    private static long now(Image image) {
        long modified = image.event.modifiedAtMicros();
        return modified == Long.MIN_VALUE ? image.event.ingestedAtMicros() : modified;
    }

    private static EventFailure failed(ScriptFailure failure) {
        return EventFailure.withValues(
                failure.code(), failure.column(), failure.why(), failure.whyWithoutValues(), failure.remedy());
    }

    /** Takes a result that was computed directly. */
    private static final class Taken implements DirectResult {
        private Value value;

        @Override
        public void truth(boolean truth) {
            value.number(truth ? 1 : 0);
        }

        @Override
        public void whole(long number) {
            value.number(number);
        }

        @Override
        public void real(double number) {
            value.real(number);
        }

        @Override
        public void text(byte[] utf8) {
            value.utf8(utf8, 0, utf8.length);
        }
    }

    private static final class Slots implements RowView, DirectRow {
        private final List<LayoutColumn> columns;
        private Image image;

        private Slots(List<LayoutColumn> columns) {
            this.columns = List.copyOf(columns);
        }

        @Override
        public Object valueAt(int column) {
            LayoutColumn of = columns.get(column);
            return Objects.of(image.slots[of.slot()], of.column().type());
        }

        @Override
        public boolean isUnchanged(int column) {
            return image.slots[columns.get(column).slot()].isUnchanged();
        }

        private Value value(int column) {
            return image.slots[columns.get(column).slot()];
        }

        @Override
        public boolean isPlain(int column) {
            Value value = value(column);
            return value.state == Value.State.VALUE && value.special == null && value.encode();
        }

        @Override
        public boolean truthAt(int column) {
            return value(column).number != 0;
        }

        @Override
        public long wholeAt(int column) {
            return value(column).number;
        }

        @Override
        public double realAt(int column) {
            return value(column).real;
        }

        @Override
        public int textLength(int column) {
            return value(column).length;
        }

        @Override
        public void textAt(int column, byte[] to, int at) {
            Value value = value(column);
            System.arraycopy(value.bytes, value.from, to, at, value.length);
        }
    }
}
