package dev.millrace.consume.duckdb;

import java.nio.file.Path;

/** A process that holds a database file open until its input ends. Argument: the file. */
public final class FileHolder {
    private FileHolder() {}

    public static void main(String[] arguments) throws Exception {
        try (AutoCloseable connection = new DuckDbFile("orders", Path.of(arguments[0]), 64L << 20, 1).open()) {
            System.out.println("holding " + connection);
            int end = System.in.read();
            while (end >= 0) {
                end = System.in.read();
            }
        }
    }
}
