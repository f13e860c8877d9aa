package dev.millrace.config.pipeline;

import dev.millrace.config.setting.Durations;
import dev.millrace.config.transform.TransformDefinition;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One pipeline.
 *
 * @param name lower-case letters, digits, '-' and '_', a letter or digit first, at most 40 characters; unique in an installation
 * @param objects names or patterns ({@code *} within a part, {@code !} in front excludes), in the source's terms, e.g. {@code public.*};
 *     never empty
 * @param load how the objects are loaded
 * @param schedule when TABLE mode pipelines repeat; empty: once at start and on demand
 * @param transform what is done to rows on their way, in order
 * @param guarantee empty: exactly-once where the destination can, else at-least-once
 * @param mapping where the objects go at the destination, and what may change there
 * @param failed what becomes of events that can't be applied
 */
public record PipelineDefinition(
        String name,
        ConnectorDefinition source,
        List<String> objects,
        DestinationDefinition destination,
        LoadRules load,
        Optional<Guarantee> guarantee,
        Optional<Schedule> schedule,
        List<TransformDefinition> transform,
        MappingRules mapping,
        FailedPolicy failed) {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,39}");

    public PipelineDefinition {
        Objects.requireNonNull(name);
        Objects.requireNonNull(source);
        Objects.requireNonNull(destination);
        Objects.requireNonNull(load);
        Objects.requireNonNull(mapping);
        Objects.requireNonNull(failed);
        objects = List.copyOf(objects);
        transform = List.copyOf(transform);
        if (!isName(name)) {
            throw new IllegalArgumentException("not a pipeline's name: " + name);
        }
        if (objects.isEmpty()) {
            throw new IllegalArgumentException("pipeline '" + name + "' without objects");
        }
    }

    /** Without transformations, mapped by itself, and with the usual policy for failed events. */
    public PipelineDefinition(
            String name,
            ConnectorDefinition source,
            List<String> objects,
            DestinationDefinition destination,
            LoadRules load,
            Optional<Guarantee> guarantee,
            Optional<Schedule> schedule) {
        this(
                name,
                source,
                objects,
                destination,
                load,
                guarantee,
                schedule,
                List.of(),
                MappingRules.DEFAULTS,
                FailedPolicy.DEFAULT);
    }

    /** The same with these transformations. */
    public PipelineDefinition withTransform(List<TransformDefinition> other) {
        return new PipelineDefinition(
                name, source, objects, destination, load, guarantee, schedule, other, mapping, failed);
    }

    /** The same with other rules for its mapping. */
    public PipelineDefinition withMapping(MappingRules other) {
        return new PipelineDefinition(
                name, source, objects, destination, load, guarantee, schedule, transform, other, failed);
    }

    /** The same, loaded otherwise. */
    public PipelineDefinition withLoad(LoadRules other) {
        return new PipelineDefinition(
                name, source, objects, destination, other, guarantee, schedule, transform, mapping, failed);
    }

    /** The same with another policy for failed events. */
    public PipelineDefinition withFailed(FailedPolicy other) {
        return new PipelineDefinition(
                name, source, objects, destination, load, guarantee, schedule, transform, mapping, other);
    }

    /** Whether a pipeline may be called so; such a name is safe as a part of a file's name and of a slot's. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** The same with another destination. */
    public PipelineDefinition withDestination(DestinationDefinition other) {
        return new PipelineDefinition(
                name, source, objects, other, load, guarantee, schedule, transform, mapping, failed);
    }

    /** The definition as YAML with defaults filled in and secrets masked, for logs and pages. */
    public String effective() {
        StringBuilder text = new StringBuilder("name: " + name + "\nsource:\n  type: " + source.kind() + "\n");
        source.settings()
                .shown()
                .forEach((key, value) ->
                        text.append("  ").append(key).append(": ").append(value).append('\n'));
        text.append(source.beforeLog().effective());
        text.append("objects: ")
                .append(objects)
                .append("\ndestination:\n  type: ")
                .append(destination.kind())
                .append('\n');
        destination
                .settings()
                .shown()
                .forEach((key, value) ->
                        text.append("  ").append(key).append(": ").append(value).append('\n'));
        destination.loading().schedule().ifPresent(it -> text.append("  loading: ")
                .append(it.shown())
                .append('\n'));
        text.append(load.effective());
        guarantee.ifPresent(it -> text.append("guarantee: ")
                .append(it.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .append('\n'));
        schedule.ifPresent(it -> text.append("schedule: {every: ")
                .append(Durations.format(it.interval()))
                .append("}\n"));
        if (!transform.isEmpty()) {
            text.append("transform:\n");
            transform.forEach(each -> text.append("  - ").append(each.shown()).append('\n'));
        }
        text.append(mapping.effective());
        text.append("failed: ").append(failed).append('\n');
        return text.toString();
    }
}
