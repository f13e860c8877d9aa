package dev.millrace.consume.transform.steps;

import dev.millrace.consume.transform.EventFailure;

/**
 * Makes values of values. What depends on UNCHANGED values only is UNCHANGED; on some, it can't be known. With {@code strict} a NULL makes NULLs.
 */
record Compute(String column, int[] inputs, int[] outputs, boolean strict, Function function) implements Step {
    /** Reads and sets slots. */
    interface Function {
        void apply(Value[] slots, Image image);
    }

    @Override
    public void run(Image image) {
        Value[] slots = image.slots;
        int unchanged = 0;
        boolean anyNull = false;
        for (int input : inputs) {
            unchanged += slots[input].isUnchanged() ? 1 : 0;
            anyNull |= slots[input].isNull();
        }
        if (unchanged > 0) {
            if (unchanged < inputs.length) {
                image.spare(unknown(column));
            }
            setUnchanged(slots);
        } else if (strict && anyNull) {
            for (int output : outputs) {
                slots[output].none();
            }
        } else {
            try {
                function.apply(slots, image);
            } catch (EventFailure failure) {
                image.spare(failure);
                setUnchanged(slots);
            }
        }
    }

    private void setUnchanged(Value[] slots) {
        for (int output : outputs) {
            slots[output].unchanged();
        }
    }

    static EventFailure unknown(String column) {
        return new EventFailure(
                "TRANSFORM_VALUE_MISSING",
                column,
                "the event lacks values that did not change, and the step needs them",
                "Let the source send whole rows; in PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL.");
    }
}
