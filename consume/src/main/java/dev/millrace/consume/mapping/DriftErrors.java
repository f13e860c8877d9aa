package dev.millrace.consume.mapping;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.destination.TableRefusedException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What keeps a table from taking rows until a user acts; its events are parked meanwhile. */
public final class DriftErrors {
    private DriftErrors() {}

    /** It was there. It is never made again in silence: whoever dropped it may not want it, and the rows it had would be missing. */
    public static TableRefusedException tableMissing(TableMapping mapping) {
        String command = MappingChoices.command(mapping.source());
        return new TableRefusedException(
                "TABLE_MISSING",
                "Table '" + mapping.target() + "' of '" + mapping.source() + "' is missing at the destination",
                "table '" + mapping.target() + "' was dropped or renamed at the destination",
                "Put it back, and its events are loaded by themselves; or choose: " + command
                        + "--recreate (it is made again and loaded again, as by 'millrace reload " + mapping.object()
                        + "'), " + command + "--skip (it isn't loaded any more), or " + command
                        + "--to NAME (it is loaded into another table).");
    }

    /** Another table has its name, and is empty: its rows have gone with it. */
    public static TableRefusedException tableReplaced(TableMapping mapping) {
        String command = MappingChoices.command(mapping.source());
        return new TableRefusedException(
                "TABLE_REPLACED",
                "Table '" + mapping.target() + "' of '" + mapping.source()
                        + "' is another one at the destination, and empty",
                "table '" + mapping.target()
                        + "' was dropped at the destination and made again: the rows it had are gone",
                "Put its rows back, and its events are loaded by themselves; or choose: " + command
                        + "--recreate (it is loaded again, as by 'millrace reload " + mapping.object() + "'), "
                        + command
                        + "--skip (it isn't loaded any more), or " + command
                        + "--to NAME (it is loaded into another table).");
    }

    /** Another pipeline loads into it: rows of both in one table would take each other's place. */
    public static TableRefusedException tableTaken(TableMapping mapping, String pipeline) {
        return new TableRefusedException(
                "TABLE_TAKEN",
                "Table '" + mapping.target() + "' isn't for the rows of '" + mapping.source() + "'",
                "pipeline '" + pipeline + "' has made table '" + mapping.target() + "' at the same destination",
                "Choose another table for it: " + MappingChoices.command(mapping.source())
                        + "--to NAME; or others for all objects, such as \"crm.{table}\", by 'table' under 'mapping' in the pipeline's"
                        + " definition; or skip it.");
    }

    /** Columns that were there. */
    public static TableRefusedException columnsMissing(TableMapping mapping, List<MappedColumn> lost) {
        String names =
                lost.stream().map(column -> "'" + column.targetName() + "'").collect(Collectors.joining(", "));
        boolean key = lost.stream().anyMatch(column -> column.keyPosition() > 0);
        String command = MappingChoices.command(mapping.source());
        return new TableRefusedException(
                "COLUMN_MISSING",
                "Table '" + mapping.target() + "' of '" + mapping.source() + "' lacks columns at the destination",
                names + (lost.size() == 1 ? " was" : " were") + " dropped or renamed in '" + mapping.target() + "'"
                        + (key ? ", and the key is among them" : ""),
                key
                        ? "Undo that; or drop the table, then: " + command + "--recreate (made and loaded again)."
                        : "Undo that, and its events are loaded by themselves; or choose: " + command
                                + "--recreate (the columns are made again and the object is loaded again, as by 'millrace reload "
                                + mapping.object() + "'), or skip them under 'mapping' in the pipeline's definition.");
    }

    /** Rows need what nobody has approved. */
    public static TableRefusedException waits(TableMapping mapping, List<Proposal> needed) {
        String changes = needed.stream().map(Proposal::toString).collect(Collectors.joining("; "));
        return new TableRefusedException(
                "MAPPING_WAITS",
                "Table '" + mapping.target() + "' has to be changed for the rows of '" + mapping.source() + "'",
                changes + ", which the pipeline's mapping policy doesn't allow by itself",
                "Approve of it: millrace mapping approve '" + mapping.source()
                        + "'; or set another policy; or skip the events that wait.");
    }

    /** A table has the columns of one mode. */
    public static TableRefusedException modeChanged(TableMapping mapping, LoadMode wanted) {
        return new TableRefusedException(
                "LOAD_MODE_CHANGED",
                "Table '" + mapping.target() + "' can't be loaded in mode " + word(wanted),
                "it was made for mode " + word(mapping.mode()) + ", which has other columns",
                "Set the mode of '" + mapping.source()
                        + "' back; or rename or drop the table at the destination, then run 'millrace reload "
                        + mapping.object() + "'.");
    }

    private static String word(LoadMode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }
}
