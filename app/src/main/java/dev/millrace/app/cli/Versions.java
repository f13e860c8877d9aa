package dev.millrace.app.cli;

/** The running version. */
public final class Versions {
    private Versions() {}

    /** From the jar's manifest; "development" when run from classes. */
    public static String millrace() {
        String version = Versions.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
