package dev.millrace.consume.testing;

import dev.millrace.config.pipeline.Masking;
import dev.millrace.config.setting.Secret;
import dev.millrace.config.transform.ColumnType;
import dev.millrace.config.transform.Place;
import dev.millrace.config.transform.StepDefinition;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** Makes random steps that fit a table; they keep keys apart. */
final class TrialSteps {
    private static final Place PLACE = new Place(Path.of("trial.yaml"), 1, 1);
    private static final Masking HMAC = new Masking.Hmac(new Secret("a secret that is long enough"));

    /** A column at some step. {@code usable}: a step may look at it; {@code rounded}: it is no longer as the source prints it. */
    private record Known(String name, Type type, boolean key, boolean usable, boolean rounded) {
        Known named(String newName) {
            return new Known(newName, type, key, usable, rounded);
        }

        Known typed(Type newType) {
            return new Known(name, newType, key, usable, false);
        }
    }

    private final SplittableRandom random;
    private final List<Known> columns = new ArrayList<>();
    private final List<StepDefinition> steps = new ArrayList<>();
    private boolean selective;
    private int names;

    TrialSteps(SplittableRandom random, Schema schema, boolean full) {
        this.random = random;
        for (Column column : schema.columns()) {
            columns.add(new Known(
                    column.name(),
                    column.type(),
                    column.inKey(),
                    full || !column.name().equals("large"),
                    false));
        }
        int count = random.nextInt(1, 7);
        for (int i = 0; i < count || steps.isEmpty(); i++) {
            add();
        }
    }

    List<StepDefinition> steps() {
        return List.copyOf(steps);
    }

    boolean selective() {
        return selective;
    }

    private void add() {
        switch (random.nextInt(13)) {
            case 0 ->
                one(each -> true).ifPresent(each -> {
                    String name = fresh();
                    steps.add(new StepDefinition.Rename(PLACE, each.name(), name));
                    columns.set(columns.indexOf(each), each.named(name));
                });
            case 1 ->
                one(each -> !each.key() && columns.size() > 3).ifPresent(each -> {
                    steps.add(new StepDefinition.Exclude(PLACE, List.of(each.name())));
                    columns.remove(each);
                });
            case 2 ->
                text().ifPresent(each -> steps.add(new StepDefinition.Text(
                        PLACE, StepDefinition.Change.values()[random.nextInt(3)], each.name())));
            case 3 ->
                text().ifPresent(each ->
                        steps.add(new StepDefinition.Replace(PLACE, each.name(), "[a-c]+(\\d?)", "<$1>", true)));
            case 4 ->
                text().ifPresent(each -> {
                    List<String> into = List.of(made(Type.STRING), made(Type.STRING));
                    steps.add(new StepDefinition.Split(PLACE, each.name(), ",", into));
                });
            case 5 -> concat();
            case 6 ->
                one(each -> each.type() == Type.DECIMAL).ifPresent(each -> {
                    steps.add(new StepDefinition.Round(PLACE, each.name(), random.nextInt(3)));
                    columns.set(
                            columns.indexOf(each),
                            new Known(each.name(), each.type(), each.key(), each.usable(), true));
                });
            case 7 ->
                one(each -> each.usable() && each.type() != Type.STRING).ifPresent(each -> {
                    steps.add(new StepDefinition.Cast(PLACE, each.name(), ColumnType.STRING));
                    retyped(each, Type.STRING);
                });
            case 8 ->
                one(each -> each.usable() && !each.rounded() && each.type() != Type.DOUBLE)
                        .ifPresent(each -> {
                            steps.add(new StepDefinition.Mask(PLACE, each.name(), HMAC));
                            retyped(each, Type.STRING);
                        });
            case 9 ->
                text().ifPresent(each ->
                        steps.add(new StepDefinition.Mask(PLACE, each.name(), new Masking.KeepLast(2))));
            case 10 -> branch();
            case 11 -> select();
            default -> set();
        }
    }

    private void concat() {
        Optional<Known> one = one(Known::usable);
        Optional<Known> other = one(Known::usable);
        if (one.isPresent() && other.isPresent()) {
            List<String> parts = List.of(one.get().name(), other.get().name());
            steps.add(new StepDefinition.Concat(PLACE, made(Type.STRING), parts, "+"));
        }
    }

    private void branch() {
        Optional<Known> text = text();
        condition().ifPresent(when -> {
            List<StepDefinition> then = new ArrayList<>();
            text.ifPresent(each -> then.add(new StepDefinition.Text(PLACE, StepDefinition.Change.UPPER, each.name())));
            String made = fresh();
            then.add(new StepDefinition.Assign(PLACE, made, "'then'", Optional.empty()));
            List<StepDefinition> otherwise = List.of();
            if (random.nextBoolean()) {
                otherwise = List.of(new StepDefinition.Assign(PLACE, made, "'else'", Optional.empty()));
            }
            steps.add(new StepDefinition.If(PLACE, when, then, otherwise));
            columns.add(new Known(made, Type.STRING, false, true, false));
        });
    }

    private void select() {
        condition().ifPresent(when -> {
            selective = true;
            steps.add(
                    random.nextBoolean()
                            ? new StepDefinition.Filter(PLACE, when)
                            : new StepDefinition.Route(PLACE, when, "route" + names++));
        });
    }

    private void set() {
        one(Known::usable).ifPresent(each -> {
            boolean itself = each.type() == Type.STRING && !each.key() && random.nextBoolean();
            String name = itself ? each.name() : made(Type.STRING);
            steps.add(new StepDefinition.Assign(PLACE, name, "'<' + " + each.name() + " + '>'", Optional.empty()));
        });
    }

    private Optional<String> condition() {
        return one(each -> each.usable() && each.type() != Type.DATE && each.type() != Type.DECIMAL)
                .map(each -> switch (each.type()) {
                    case STRING -> each.name() + " == null || " + each.name() + ".length % 2 == 0";
                    case BOOLEAN -> each.name() + " === true";
                    default -> each.name() + " == null || " + each.name() + " % 3 != 1";
                });
    }

    private Optional<Known> text() {
        return one(each -> each.usable() && each.type() == Type.STRING && !each.key());
    }

    private Optional<Known> one(Predicate<Known> which) {
        List<Known> fitting = columns.stream().filter(which).toList();
        return fitting.isEmpty() ? Optional.empty() : Optional.of(fitting.get(random.nextInt(fitting.size())));
    }

    private void retyped(Known column, Type type) {
        columns.set(columns.indexOf(column), column.typed(type));
    }

    private String made(Type type) {
        String name = fresh();
        columns.add(new Known(name, type, false, true, false));
        return name;
    }

    private String fresh() {
        return "c" + names++;
    }
}
