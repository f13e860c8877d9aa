package dev.millrace.app.benchmark;

/** What can be measured, in the order of the data's way. Names are part of the JSON form. */
public enum Measure {
    DISK("disk", "log: append and sync", "a plain file, written and synced"),
    SOURCE("source", "source, read and encoded", "the source's rows as they come, dropped"),
    SOURCE_TO_LOG("sourceToLog", "source → synced log", "the source's rows as they come, dropped"),
    LOG_TO_DESTINATION("logToDestination", "log → destination", "the destination's own bulk load"),
    WHOLE_WAY("wholeWay", "source → log → destination", "the slower of both ends by itself"),
    CHANGES_TO_LOG("changesToLog", "changes → synced log", "the changes as they come, dropped"),
    CHANGES_TO_DESTINATION("changesToDestination", "changes → log → destination", "the changes as they come, dropped");

    private final String key;
    private final String title;
    private final String baseline;

    Measure(String key, String title, String baseline) {
        this.key = key;
        this.title = title;
        this.baseline = baseline;
    }

    /** Its name in JSON. */
    public String key() {
        return key;
    }

    /** For people. */
    public String title() {
        return title;
    }

    /** What it is compared with, for people. */
    public String baseline() {
        return baseline;
    }
}
