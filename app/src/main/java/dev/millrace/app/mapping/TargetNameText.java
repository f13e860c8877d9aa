package dev.millrace.app.mapping;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.mapping.TargetNames;
import java.util.Set;

/** A table's name at the destination, as users write it: {@code name} or {@code schema.name}; the first dot parts them. */
final class TargetNameText {
    private TargetNameText() {}

    /**
     * @param now where the object goes: its schema counts where none is written
     * @throws MillraceException USER TARGET_NAME_INVALID for what the destination would not take as it stands
     */
    static TargetName parse(String text, TargetName now, NamingRules naming) {
        int dot = text.indexOf('.');
        String schema = dot < 0 ? now.schema() : text.substring(0, dot);
        String name = text.substring(dot + 1);
        if (schema.isBlank() || name.isBlank()) {
            throw invalid(text, "a part of it is empty");
        }
        TargetNames names = new TargetNames(naming);
        for (String part : new String[] {schema, name}) {
            if (!names.free(part, Set.of()).equals(part)) {
                throw invalid(
                        text,
                        "'" + part + "' has characters that no name can have, more than " + naming.maxBytes()
                                + " bytes, or '" + TargetNames.RESERVED + "' in it");
            }
        }
        return new TargetName(schema, name);
    }

    private static MillraceException invalid(String text, String why) {
        return MillraceException.user(
                "TARGET_NAME_INVALID",
                "'" + text + "' is not a table's name at the destination",
                why,
                "Write schema.name, or a name.");
    }
}
