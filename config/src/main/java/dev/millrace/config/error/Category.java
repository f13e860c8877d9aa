package dev.millrace.config.error;

/** Who can mend a failure; decides the exit code and whether the engine retries. */
public enum Category {
    /**
     * Wrong settings, definitions or privileges: a person has to change something. Retried, seldom, only where it had worked before, since
     * what was changed may be changed back.
     */
    USER,
    /** A system outside this process (database, network) refused or vanished. Retried with back-off. */
    EXTERNAL,
    /** This machine ran short or failed: disk full, I/O error, folder locked. Not retried before someone acts. */
    RESOURCE,
    /** A defect of ours. The pipeline stops with a report. */
    INTERNAL
}
