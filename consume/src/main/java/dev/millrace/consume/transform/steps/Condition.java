package dev.millrace.consume.transform.steps;

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

    /** @param columns what the expression was compiled with */
    Condition(Expression expression, List<LayoutColumn> columns) {
        this.expression = expression;
        this.view = new Slots(columns);
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
        try {
            view.image = image;
            return expression.test(view, now(image)) ? Image.Answer.YES : Image.Answer.NO;
        } catch (ScriptFailure failure) {
            throw failed(failure);
        }
    }

    /** The value as {@code wanted}, into {@code to}; the inputs are known. */
    void evaluate(Image image, DataType wanted, Value to) {
        try {
            view.image = image;
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
        return new EventFailure(failure.code(), failure.column(), failure.why(), failure.remedy());
    }

    private static final class Slots implements RowView {
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
    }
}
