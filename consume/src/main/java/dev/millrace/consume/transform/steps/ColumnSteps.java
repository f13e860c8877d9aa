package dev.millrace.consume.transform.steps;

import dev.millrace.config.pipeline.Masking;
import dev.millrace.config.transform.StepDefinition;
import dev.millrace.config.transform.StepDefinition.Change;
import dev.millrace.consume.mapping.RuleType;
import dev.millrace.consume.script.LetterCase;
import dev.millrace.consume.transform.EventFailure;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.mask.Mask;
import dev.millrace.storage.mask.MaskBuffer;
import java.util.Arrays;
import java.util.List;

/** Compiles the steps that make a column's value of its own. */
final class ColumnSteps {
    private final Layout layout;
    private final List<Step> steps;

    ColumnSteps(Layout layout, List<Step> steps) {
        this.layout = layout;
        this.steps = steps;
    }

    /** False when the step is another kind of step. */
    boolean compile(StepDefinition step) {
        if (step instanceof StepDefinition.Cast cast) {
            cast(cast.column(), RuleType.of(cast.type()));
        } else if (step instanceof StepDefinition.Parse parse) {
            LayoutColumn column = layout.text(parse.column());
            DataType type = RuleType.of(parse.type());
            convert(column, type, Formats.parse(parse.format(), type));
        } else if (step instanceof StepDefinition.Format format) {
            LayoutColumn column = layout.column(format.column());
            convert(
                    column,
                    DataType.of(Type.STRING),
                    Formats.format(format.format(), column.column().type()));
        } else if (step instanceof StepDefinition.Text text) {
            change(text.change(), layout.text(text.column()));
        } else if (step instanceof StepDefinition.Round round) {
            round(layout.column(round.column()), round.digits());
        } else if (step instanceof StepDefinition.ParseJson json) {
            cast(json.column(), DataType.of(Type.MAP));
        } else if (step instanceof StepDefinition.Mask mask) {
            layout.matching(mask.column()).forEach(column -> mask(column, mask.masking()));
        } else {
            return new TextSteps(layout, steps).compile(step);
        }
        return true;
    }

    private void cast(String name, DataType to) {
        LayoutColumn column = layout.column(name);
        DataType from = column.column().dataType();
        if (!from.equals(to)) {
            convert(column, to, Casts.of(from, to));
        }
    }

    /** The column becomes what the conversion makes of it. */
    private void convert(LayoutColumn column, DataType to, Casts.Cast conversion) {
        String name = column.column().name();
        int in = column.slot();
        int out = layout.slot(false, in);
        steps.add(new Compute(name, new int[] {in}, new int[] {out}, true, named(name, (slots, image) -> {
            conversion.apply(slots[in], slots[out]);
        })));
        layout.set(name, to, out);
    }

    /** A failure that says no column gets this one. */
    static Compute.Function named(String column, Compute.Function function) {
        return (slots, image) -> {
            try {
                function.apply(slots, image);
            } catch (EventFailure failure) {
                throw failure.column().isEmpty() ? failure.of(column) : failure;
            }
        };
    }

    private void change(Change change, LayoutColumn column) {
        DataType type = column.column().dataType();
        Casts.Cast conversion =
                switch (change) {
                    case TRIM ->
                        (in, out) -> {
                            if (in.object == null && isTrimmed(in)) {
                                out.copy(in);
                            } else {
                                out.object(in.text().strip());
                            }
                        };
                    case LOWER -> (in, out) -> out.object(LetterCase.lower(in.text()));
                    case UPPER -> (in, out) -> out.object(LetterCase.upper(in.text()));
                };
        // upper and lower case of a character may be several
        boolean keepsLength = change == Change.TRIM && type.type() == Type.STRING;
        convert(column, keepsLength ? type : DataType.of(Type.STRING), conversion);
    }

    private static void mask(Mask mask, Value in, Value out) {
        if (in.object == null) {
            MaskBuffer masked = mask.mask(in.bytes, in.from, in.length);
            out.utf8(Arrays.copyOf(masked.bytes(), masked.length()), 0, masked.length());
        } else {
            out.object(mask.mask(in.text()));
        }
    }

    /** Whether both ends are ASCII beyond space, which needs no decoding. */
    private static boolean isTrimmed(Value text) {
        return text.length == 0 || text.bytes[text.from] > ' ' && text.bytes[text.from + text.length - 1] > ' ';
    }

    private void round(LayoutColumn column, int digits) {
        DataType type = column.column().dataType();
        Casts.Cast rounding = Numbers.round(type.type(), digits);
        if (rounding == null) {
            throw new StepProblem(
                    "column '" + column.column().name() + "' is " + type.type() + ", not a number", "Cast it before.");
        }
        boolean shorter = type.type() == Type.DECIMAL && type.precision() > 0 && type.scale() > digits;
        int left = Math.min(type.scale(), Math.max(0, digits));
        // one digit more in front of the point: 9.99 becomes 10.0
        DataType to = shorter ? DataType.decimal(type.precision() - type.scale() + left + 1, left) : type;
        convert(column, to, rounding);
    }

    private void mask(LayoutColumn column, Masking masking) {
        Type type = column.column().type();
        if (!Mask.fits(masking, type)) {
            throw new StepProblem(
                    "column '" + column.column().name() + "' is " + type + ", which can't be masked so",
                    "Use sha256, hmac or redact.");
        }
        if (column.column().inKey() && (masking instanceof Masking.KeepLast || masking instanceof Masking.Redact)) {
            throw new StepProblem(
                    "column '" + column.column().name() + "' is part of the key, and rows would get one key",
                    "Use sha256, hmac or keepFormat.");
        }
        Mask mask = Mask.of(masking);
        int in = column.slot();
        boolean text = Casts.isText(type) || Casts.isJson(type);
        if (!text && in >= layout.source().columns().size()) {
            throw new StepProblem(
                    "column '" + column.column().name() + "' is computed and a " + type,
                    "Mask it before it is changed, or cast it to string first.");
        }
        int out = layout.slot(false, in);
        DataType to = Mask.type(masking, column.column().dataType());
        Compute.Function function = text
                ? (slots, image) -> mask(mask, slots[in], slots[out])
                : (slots, image) ->
                        slots[out].object(mask.mask(image.cells.isUnchanged(in) ? image.fallback : image.cells, in));
        steps.add(new Compute(column.column().name(), new int[] {in}, new int[] {out}, true, function));
        layout.set(column.column().name(), to, out);
    }
}
