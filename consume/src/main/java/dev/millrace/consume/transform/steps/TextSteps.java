package dev.millrace.consume.transform.steps;

import dev.millrace.config.transform.StepDefinition;
import dev.millrace.consume.mapping.RuleType;
import dev.millrace.consume.transform.EventFailure;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compiles the steps that search, take apart and put together texts. */
final class TextSteps {
    /** No step makes a longer text. */
    private static final int MAX_CHARACTERS = 64 << 20;

    /** A backslash or dollar sign with what belongs to it, or alone where nothing does. */
    private static final Pattern SIGN =
            Pattern.compile("\\\\.?|\\$(?:(\\d)|\\{([a-zA-Z][a-zA-Z0-9]*)\\})?", Pattern.DOTALL);

    private static final DataType TEXT = DataType.of(Type.STRING);

    private final Layout layout;
    private final List<Step> steps;

    TextSteps(Layout layout, List<Step> steps) {
        this.layout = layout;
        this.steps = steps;
    }

    /** False when the step is another kind of step. */
    boolean compile(StepDefinition step) {
        if (step instanceof StepDefinition.Replace replace) {
            replace(replace);
        } else if (step instanceof StepDefinition.Extract extract) {
            extract(extract);
        } else if (step instanceof StepDefinition.Split split) {
            split(split);
        } else if (step instanceof StepDefinition.Concat concat) {
            concat(concat);
        } else if (step instanceof StepDefinition.Flatten flatten) {
            flatten(flatten);
        } else {
            return false;
        }
        return true;
    }

    private void replace(StepDefinition.Replace replace) {
        int in = layout.text(replace.column()).slot();
        int out = layout.slot(false, in);
        Compute.Function function;
        if (replace.regex()) {
            Matcher matcher = Pattern.compile(replace.find()).matcher("");
            requireGroups(replace.with(), matcher);
            BoundedText text = new BoundedText();
            function = (slots, image) -> slots[out].object(
                    bounded(() -> replaceAll(matcher.reset(text.of(slots[in].text())), replace.with())));
        } else {
            function = (slots, image) -> {
                String text = slots[in].text();
                slots[out].object(sized(text.replace(replace.find(), replace.with())));
            };
        }
        add(replace.column(), new int[] {in}, new int[] {out}, true, function);
        layout.set(replace.column(), TEXT, out);
    }

    /** That what stands in a match's place can be read, whatever the match. */
    private static void requireGroups(String with, Matcher matcher) {
        String pattern = matcher.pattern().pattern();
        Matcher signs = SIGN.matcher(with);
        while (signs.find()) {
            boolean good = signs.group().length() > 1;
            if (signs.group(1) != null) {
                good = Integer.parseInt(signs.group(1)) <= matcher.groupCount();
            } else if (signs.group(2) != null) {
                good = pattern.contains("(?<" + signs.group(2) + ">");
            }
            if (!good) {
                throw new StepProblem(
                        "'with' can't be read at '" + signs.group() + "'",
                        "$1 and ${name} stand for the groups of 'find'; write \\$ and \\\\ for the signs.");
            }
        }
    }

    private static String replaceAll(Matcher matcher, String with) {
        StringBuilder text = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(text, with);
            if (text.length() > MAX_CHARACTERS) {
                throw tooLarge();
            }
        }
        return sized(matcher.appendTail(text).toString());
    }

    private static String sized(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw tooLarge();
        }
        return text;
    }

    private static EventFailure tooLarge() {
        return new EventFailure(
                "TRANSFORM_TOO_LARGE",
                "",
                "the text becomes longer than " + MAX_CHARACTERS + " characters",
                "Correct the row.");
    }

    /** Searches. */
    private interface Search<T> {
        T run();
    }

    /** An expression that calls itself too deep fails its event. */
    private static <T> T bounded(Search<T> search) {
        try {
            return search.run();
        } catch (StackOverflowError deep) {
            throw new EventFailure(
                    "TRANSFORM_TOO_DEEP",
                    "",
                    "the regular expression needs too much of the stack for this text",
                    "Write it without alternatives in a repetition, such as (a|b)*; [ab]* does the same.");
        }
    }

    private void extract(StepDefinition.Extract extract) {
        int in = layout.text(extract.column()).slot();
        Matcher matcher = Pattern.compile(extract.pattern()).matcher("");
        int groups = extract.into().size();
        if (groups != Math.max(1, matcher.groupCount())) {
            throw new StepProblem(
                    "'find' has " + matcher.groupCount() + " groups and 'into' " + groups + " columns",
                    "Name a column for each pair of round brackets; (?:…) is none.");
        }
        int[] outs = slots(groups, in);
        BoundedText text = new BoundedText();
        int first = matcher.groupCount() == 0 ? 0 : 1;
        add(extract.column(), new int[] {in}, outs, true, (slots, image) -> {
            boolean found =
                    bounded(() -> matcher.reset(text.of(slots[in].text())).find());
            for (int i = 0; i < outs.length; i++) {
                slots[outs[i]].object(found ? matcher.group(first + i) : null);
            }
        });
        set(extract.into(), outs);
    }

    private void split(StepDefinition.Split split) {
        int in = layout.text(split.column()).slot();
        int[] outs = slots(split.into().size(), in);
        String by = split.by();
        add(split.column(), new int[] {in}, outs, true, (slots, image) -> {
            String text = slots[in].text();
            int at = 0;
            for (int i = 0; i < outs.length; i++) {
                int end = at < 0 || i == outs.length - 1 ? -1 : text.indexOf(by, at);
                slots[outs[i]].object(at < 0 ? null : end < 0 ? text.substring(at) : text.substring(at, end));
                at = end < 0 ? -1 : end + by.length();
            }
        });
        set(split.into(), outs);
    }

    private void concat(StepDefinition.Concat concat) {
        List<LayoutColumn> columns =
                concat.columns().stream().map(layout::column).toList();
        int[] inputs = columns.stream().mapToInt(LayoutColumn::slot).toArray();
        Type[] types = columns.stream().map(each -> each.column().type()).toArray(Type[]::new);
        for (LayoutColumn column : columns) {
            if (column.column().type() == Type.BYTE_ARRAY) {
                throw new StepProblem("column '" + column.column().name() + "' is bytes, not text", "Leave it out.");
            }
        }
        int out = layout.slot(false, inputs);
        add(concat.into(), inputs, new int[] {out}, false, (slots, image) -> {
            StringBuilder text = new StringBuilder();
            boolean any = false;
            for (int i = 0; i < inputs.length; i++) {
                if (!slots[inputs[i]].isNull()) {
                    text.append(any ? concat.separator() : "").append(Casts.text(slots[inputs[i]], types[i]));
                    any = true;
                }
            }
            slots[out].object(any ? sized(text.toString()) : null);
        });
        layout.set(concat.into(), TEXT, out);
    }

    private void flatten(StepDefinition.Flatten flatten) {
        LayoutColumn column = layout.column(flatten.column());
        if (!Casts.isJson(column.column().type())
                && !Casts.isText(column.column().type())) {
            throw new StepProblem(
                    "column '" + flatten.column() + "' is " + column.column().type() + ", not JSON",
                    "Name another one.");
        }
        int in = column.slot();
        for (StepDefinition.Field field : flatten.fields()) {
            DataType type = RuleType.of(field.type());
            Casts.Cast cast = Casts.of(TEXT, type);
            boolean raw = Casts.isJson(type.type());
            int out = layout.slot(false, in);
            Value member = new Value();
            add(field.column(), new int[] {in}, new int[] {out}, true, (slots, image) -> {
                String found = JsonText.find(slots[in].text(), field.path());
                if (found == null || found.equals("null")) {
                    slots[out].none();
                } else {
                    member.object(raw ? found : JsonText.plain(found));
                    cast.apply(member, slots[out]);
                }
            });
            layout.set(field.column(), type, out);
        }
    }

    private int[] slots(int count, int in) {
        int[] slots = new int[count];
        for (int i = 0; i < count; i++) {
            slots[i] = layout.slot(false, in);
        }
        return slots;
    }

    private void set(List<String> names, int[] slots) {
        for (int i = 0; i < slots.length; i++) {
            layout.set(names.get(i), TEXT, slots[i]);
        }
    }

    private void add(String column, int[] inputs, int[] outputs, boolean strict, Compute.Function function) {
        steps.add(new Compute(column, inputs, outputs, strict, ColumnSteps.named(column, function)));
    }
}
