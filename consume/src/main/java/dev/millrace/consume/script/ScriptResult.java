package dev.millrace.consume.script;

import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.TableName;
import java.util.List;
import java.util.Map;

/**
 * One event that a script gave back.
 *
 * @param key the names of the key's columns, in order; empty for none
 * @param cells by column, in the order in which the script's object has them
 */
public record ScriptResult(TableName table, Operation operation, List<String> key, Map<String, Cell> cells) {
    /** What a column holds. */
    public sealed interface Cell {}

    /** The cell of the event's own column of that number, as it was: NULL and UNCHANGED too. */
    public record Kept(int column) implements Cell {}

    /** A value that the script made, still JavaScript's own. */
    public record Made(Object js) implements Cell {}
}
