package dev.millrace.config.pipeline;

/** What may be changed at the destination without asking when the source's table changes; what may not becomes a proposal. */
public enum MappingPolicy {
    /** New columns are added, types widened. */
    ALLOW_ALL,
    /** New columns are added; a wider type is proposed. */
    NEW_COLUMNS,
    /** Both are proposed. */
    BLOCK;

    /** Whether a new column is added without asking. */
    public boolean addsColumns() {
        return this != BLOCK;
    }

    /** Whether a column's type is widened without asking. */
    public boolean widens() {
        return this == ALLOW_ALL;
    }
}
