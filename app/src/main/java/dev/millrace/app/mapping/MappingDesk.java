package dev.millrace.app.mapping;

import dev.millrace.app.pipeline.ObjectChoices;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.error.Nearest;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.mapping.MappingView.MappedObject;
import dev.millrace.consume.mapping.MappingView.Status;
import dev.millrace.consume.mapping.TargetNames;
import dev.millrace.ingest.engine.LeftOut;
import dev.millrace.storage.event.TableName;
import dev.millrace.web.MappingAnswer;
import dev.millrace.web.MappingControl;
import dev.millrace.web.MappingDetail;
import dev.millrace.web.MappingStatus;
import dev.millrace.web.MappingWish;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Answers what is asked of mappings, and passes choices on. Any thread. */
public final class MappingDesk implements MappingControl {
    private final Function<String, ObjectChoices> pipelines;
    private final Function<String, List<LeftOut>> leftOut;

    /**
     * Both by the pipeline's name.
     *
     * @param pipelines throws USER where there is none of that name
     * @param leftOut what doesn't come to the destination's side at all
     */
    public MappingDesk(Function<String, ObjectChoices> pipelines, Function<String, List<LeftOut>> leftOut) {
        this.pipelines = pipelines;
        this.leftOut = leftOut;
    }

    @Override
    public List<MappingStatus> list(String pipeline) {
        List<MappingStatus> objects = new ArrayList<>();
        pipelines.apply(pipeline).view().objects().forEach(object -> objects.add(MappingForms.status(object)));
        leftOut.apply(pipeline).forEach(object -> objects.add(MappingForms.leftOut(object)));
        objects.sort(Comparator.comparing(MappingStatus::object));
        return objects;
    }

    @Override
    public MappingDetail show(String pipeline, String object) {
        TableName table = named(pipeline, object);
        return leftOut.apply(pipeline).stream()
                .filter(each -> each.table().equals(table))
                .findFirst()
                .map(each -> new MappingDetail(MappingForms.leftOut(each), List.of()))
                .orElseGet(() -> MappingForms.detail(find(pipeline, object)));
    }

    @Override
    public List<MappingAnswer> approve(String pipeline, List<String> objects) {
        ObjectChoices choices = pipelines.apply(pipeline);
        List<MappedObject> meant = objects.isEmpty()
                ? choices.view().objects().stream().filter(MappedObject::waits).toList()
                : objects.stream().map(object -> find(pipeline, object)).toList();
        List<MappingAnswer> answers = new ArrayList<>();
        for (MappedObject each : meant) {
            List<String> done = choices.choose(each.object(), to -> to.approve(each.object(), choices.rules()));
            if (!done.isEmpty() || !objects.isEmpty()) {
                answers.add(new MappingAnswer(each.object().toString(), done));
            }
        }
        return answers;
    }

    @Override
    public MappingAnswer reject(String pipeline, String object) {
        ObjectChoices choices = pipelines.apply(pipeline);
        TableName table = find(pipeline, object).object();
        return new MappingAnswer(table.toString(), choices.choose(table, to -> to.reject(table, choices.rules())));
    }

    @Override
    public MappingAnswer set(String pipeline, String object, MappingWish wish) {
        ObjectChoices choices = pipelines.apply(pipeline);
        MappedObject found = find(pipeline, object);
        TableName table = found.object();
        String done;
        if (wish instanceof MappingWish.Recreate) {
            requireLoaded(found);
            choices.choose(table, to -> {
                to.recreate(table);
                return table;
            });
            done = "loaded again; what is missing of '" + found.target() + "' is made for it";
        } else if (wish instanceof MappingWish.Skip) {
            choices.choose(table, to -> {
                to.skip(table);
                return table;
            });
            done = "not loaded any more; '" + found.target() + "' stays as it is";
        } else if (wish instanceof MappingWish.Unskip) {
            requireSkipped(found, choices);
            choices.choose(table, to -> {
                to.unskip(table);
                return table;
            });
            done = "loaded into '" + found.target() + "' from its beginning";
        } else if (wish instanceof MappingWish.To wanted) {
            TargetName target = free(found, choices, wanted.table());
            choices.choose(table, to -> {
                to.moveTo(table, target);
                return table;
            });
            done = "loaded into '" + target + "'";
        } else {
            throw new IllegalStateException("no way to do " + wish);
        }
        return new MappingAnswer(table.toString(), List.of(done));
    }

    /** The table that is meant; names that the destination takes for the same are the same. */
    private static TargetName free(MappedObject found, ObjectChoices choices, String text) {
        TargetName wanted = TargetNameText.parse(text, found.target(), choices.naming());
        TargetNames names = new TargetNames(choices.naming());
        if (same(names, wanted, found.target())) {
            return found.target();
        }
        for (MappedObject each : choices.view().objects()) {
            if (!each.object().equals(found.object()) && same(names, wanted, each.target())) {
                throw MillraceException.user(
                        "TARGET_TAKEN",
                        "'" + found.object() + "' can't be loaded into '" + wanted + "'",
                        "'" + each.object() + "' goes to '" + each.target() + "'",
                        "Name another table, or move '" + each.object() + "' first.");
            }
        }
        return wanted;
    }

    private static boolean same(TargetNames names, TargetName one, TargetName other) {
        return names.folded(one.schema()).equals(names.folded(other.schema()))
                && names.folded(one.name()).equals(names.folded(other.name()));
    }

    private static void requireLoaded(MappedObject found) {
        if (found.status() == Status.SKIPPED) {
            throw MillraceException.user(
                    "OBJECT_SKIPPED",
                    "'" + found.object() + "' can't be loaded again",
                    "it is skipped",
                    "Run 'millrace mapping set '" + found.object() + "' --unskip': it is loaded from its beginning.");
        }
        if (found.status() == Status.WAITING && found.code().isEmpty() && !found.made()) {
            throw MillraceException.user(
                    "OBJECT_NOT_APPROVED",
                    "'" + found.object() + "' can't be loaded again",
                    "it waits to be approved",
                    "Run 'millrace mapping approve '" + found.object() + "''.");
        }
    }

    private static void requireSkipped(MappedObject found, ObjectChoices choices) {
        boolean byDefinition = choices.rules()
                .of(found.object().schema(), found.object().name())
                .skip();
        if (byDefinition) {
            throw MillraceException.user(
                    "OBJECT_SKIPPED",
                    "'" + found.object() + "' stays skipped",
                    "the pipeline's definition says 'skip: true' of it",
                    "Take that out of 'mapping:' in the pipeline's file.");
        }
        if (found.status() != Status.SKIPPED) {
            throw MillraceException.user(
                    "OBJECT_NOT_SKIPPED",
                    "'" + found.object() + "' is not skipped",
                    "",
                    "Run 'millrace reload " + found.source() + "' to load it again.");
        }
    }

    /** One that has come to the destination's side. */
    private MappedObject find(String pipeline, String object) {
        TableName table = named(pipeline, object);
        for (LeftOut each : leftOut.apply(pipeline)) {
            if (each.table().equals(table)) {
                throw MillraceException.user(
                        "OBJECT_LEFT_OUT",
                        "Nothing can be chosen for '" + table + "' yet",
                        "it is left out: " + each.why(),
                        MappingForms.JOINS);
            }
        }
        return pipelines.apply(pipeline).view().objects().stream()
                .filter(each -> each.object().equals(table))
                .findFirst()
                .orElseThrow(() -> notMapped(pipeline, object, List.of(), List.of()));
    }

    /** By its name, whole or without the schema where that is enough; also one that is left out. */
    private TableName named(String pipeline, String object) {
        Set<TableName> all = new TreeSet<>();
        pipelines.apply(pipeline).view().objects().forEach(each -> all.add(each.object()));
        leftOut.apply(pipeline).forEach(each -> all.add(each.table()));
        List<TableName> exact =
                all.stream().filter(each -> each.toString().equals(object)).toList();
        List<TableName> found = exact.isEmpty()
                ? all.stream().filter(each -> each.name().equals(object)).toList()
                : exact;
        if (found.size() == 1) {
            return found.get(0);
        }
        throw notMapped(
                pipeline, object, found, all.stream().map(TableName::toString).toList());
    }

    private static MillraceException notMapped(
            String pipeline, String object, List<TableName> found, List<String> names) {
        return MillraceException.user(
                "OBJECT_NOT_MAPPED",
                found.isEmpty()
                        ? "Pipeline '" + pipeline + "' has no object '" + object + "' at the destination's side"
                        : "'" + object + "' may be any of " + found,
                found.isEmpty() ? "none of its events has come there yet" : "",
                Nearest.to(object, names)
                                .filter(name -> found.isEmpty())
                                .map(name -> "Did you mean '" + name + "'? ")
                                .orElse("")
                        + "See 'millrace mapping list'.");
    }
}
