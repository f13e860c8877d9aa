package dev.millrace.ingest.engine;

/** A job's table was sent back to the beginning, or the run ends: what the job has read is void. No failure; never leaves the package. */
final class StaleJobException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StaleJobException() {
        super("void", null, false, false);
    }
}
