package dev.millrace.consume.transform.steps;

/** A step made ready. Confined to one thread. */
interface Step {
    /** @throws dev.millrace.consume.transform.EventFailure when the row can't be changed so */
    void run(Image image);
}
