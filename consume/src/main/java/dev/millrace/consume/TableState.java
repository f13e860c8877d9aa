package dev.millrace.consume;

import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.consume.mapping.MappingChoice;
import dev.millrace.consume.mapping.MappingNotes;
import dev.millrace.consume.mapping.TableMapping;
import dev.millrace.storage.event.Schema;
import java.util.Set;

/** One table as the consumer knows it in this run: what the open transaction has made of it. */
final class TableState {
    /** What was said of it. */
    final Words words;

    TableMapping mapping;
    /** The mapping is not as remembered. */
    boolean mappingChanged;
    /** The table at the destination was compared with the mapping in this run. */
    boolean reconciled;
    /** Folded names of the destination's columns that are not ours. */
    Set<String> otherColumns = Set.of();
    /** The shape for rows of {@link #schema}. */
    TargetTable target;
    /** The schema of the rows being loaded; null before the first. */
    Schema schema;
    /** Rows go to the shadow until it is complete. */
    boolean shadow;
    /** Nothing of it is loaded until a historical load of it begins. */
    boolean passing;
    /** A historical load of it began in this window. */
    boolean loadBegan;
    /** Whether {@link #note} was made in this window. */
    boolean noted;
    /** What a user should know of it. */
    MappingNotes.Note note = MappingNotes.Note.NONE;
    /** Rows written in this window, not yet committed. */
    long rows;
    /** Events passed over in this window, not yet committed. */
    long passed;

    /**
     * What was said of a table.
     *
     * @param rule how the pipeline wants it loaded
     * @param mapping where to, and as what
     * @param choice what users have chosen over that
     */
    record Words(LoadRules.Rule rule, MappingRules.Rule mapping, MappingChoice choice) {}

    TableState(TableMapping mapping, Words words) {
        this.words = words;
        this.mapping = mapping;
        this.passing = words.choice().load() == MappingChoice.Load.FROM_THERE;
    }

    /** Nothing of it is loaded at all. */
    boolean skipped() {
        return words.choice().isSkipped(words.mapping()) || words.choice().isWaiting(words.mapping(), mapping.made());
    }

    /** Nothing of it is loaded, or not before a load of it begins. */
    boolean passedOver() {
        return passing || skipped();
    }

    /** It goes to another table, of which nothing is known. */
    void leave(TableMapping other) {
        mapping = other;
        mappingChanged = true;
        reconciled = false;
        otherColumns = Set.of();
        target = null;
        schema = null;
        shadow = false;
    }

    /** For a try that may come to nothing. */
    TableState copy() {
        TableState copy = new TableState(mapping, words);
        copy.mappingChanged = mappingChanged;
        copy.reconciled = reconciled;
        copy.otherColumns = otherColumns;
        copy.target = target;
        copy.schema = schema;
        copy.shadow = shadow;
        copy.passing = passing;
        copy.loadBegan = loadBegan;
        copy.noted = noted;
        copy.note = note;
        copy.rows = rows;
        copy.passed = passed;
        return copy;
    }
}
