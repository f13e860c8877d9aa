package dev.millrace.consume.duckdb;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.RenamedTables;
import dev.millrace.consume.destination.Scratch;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.folder.FolderTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Scratch database files beside the target's, which itself is never opened: one that is loaded as the real one would be, one for DuckDB's own
 * CSV reader. A file's name holds the process's id, by which the left-overs of others are told from what they still use.
 */
final class DuckDbScratch implements Scratch {
    private static final Pattern OURS = Pattern.compile(PREFIX + "([0-9]+)_.*");
    private static final String FORM =
            " (FORMAT csv, HEADER false, NULLSTR '\\N', DELIMITER ',', QUOTE '\"', ESCAPE '\"')";

    private final String name;
    private final DuckDbFile target;
    private final Path folder;
    private final DuckDbFile loaded;
    private final Path bare;
    private final TargetName table;
    private Destination destination;

    DuckDbScratch(String name, DuckDbFile target) {
        this.name = name;
        this.target = target;
        this.folder = standing(target.path().toAbsolutePath().getParent());
        this.loaded =
                new DuckDbFile(name, folder.resolve(name + ".duckdb"), target.memoryLimitBytes(), target.threads());
        this.bare = folder.resolve(name + "_bare.duckdb");
        this.table = new TargetName("main", name);
    }

    /** Where the target's folder is still to be made: the nearest one above it. */
    private static Path standing(Path wanted) {
        Path found = wanted;
        while (!Files.isDirectory(found) && found.getParent() != null) {
            found = found.getParent();
        }
        return found;
    }

    @Override
    public Destination fresh() {
        closeDestination();
        delete(name + ".duckdb");
        destination = new RenamedTables(new DuckDbDestination(name, loaded), table);
        return destination;
    }

    @Override
    public void spool(Path file) {
        closeDestination(); // its database may not touch other files, and all connections of a process share it
        delete(name + "_bare.duckdb");
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            statement.execute("ATTACH " + text(loaded.path()) + " AS loaded (READ_ONLY)");
            statement.execute("CREATE TABLE shape AS FROM loaded." + Sql.name(table) + " LIMIT 0");
            statement.execute("COPY (FROM loaded." + Sql.name(table) + ") TO " + text(file) + FORM);
            statement.execute("DETACH loaded");
        } catch (SQLException e) {
            throw target.errors().explain(e, name);
        }
    }

    @Override
    public void prepareBare() {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE OR REPLACE TABLE bare AS FROM shape LIMIT 0");
            statement.execute("CHECKPOINT");
        } catch (SQLException e) {
            throw target.errors().explain(e, "bare");
        }
    }

    @Override
    public long loadBare(Path file) {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            return statement.executeLargeUpdate("COPY bare FROM " + text(file) + FORM);
        } catch (SQLException e) {
            throw target.errors().explain(e, "bare");
        }
    }

    /** As the target would be opened, but free to read and write files. */
    private Connection open() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("memory_limit", (target.memoryLimitBytes() >> 10) + "KiB");
        properties.setProperty("threads", Integer.toString(target.threads()));
        properties.setProperty("temp_directory", bare + ".tmp");
        properties.setProperty("preserve_insertion_order", "false");
        properties.setProperty("autoinstall_known_extensions", "false");
        properties.setProperty("autoload_known_extensions", "false");
        return DriverManager.getConnection("jdbc:duckdb:" + bare, properties);
    }

    private static String text(Path file) {
        return Sql.literal(file.toAbsolutePath().toString());
    }

    @Override
    public List<String> removeLeftOvers() {
        List<String> removed = new ArrayList<>();
        for (Path entry : entries(PREFIX)) {
            Matcher ours = OURS.matcher(entry.getFileName().toString());
            if (ours.matches() && !alive(ours.group(1)) && !locked(entry)) {
                delete(entry);
                removed.add(entry.toString());
            }
        }
        return removed;
    }

    private static boolean alive(String process) {
        Optional<ProcessHandle> handle;
        try {
            handle = ProcessHandle.of(Long.parseLong(process));
        } catch (NumberFormatException e) {
            return false; // no process has such a number
        }
        return handle.isPresent();
    }

    /** Another process of another name space may have the file open; DuckDB holds a lock then. */
    private static boolean locked(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    @Override
    public void close() {
        closeDestination();
        delete(name);
    }

    private void closeDestination() {
        if (destination != null) {
            destination.close();
            destination = null;
        }
    }

    /** Databases with what DuckDB keeps beside them. */
    private void delete(String prefix) {
        entries(prefix).forEach(DuckDbScratch::delete);
    }

    private List<Path> entries(String prefix) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    private static void delete(Path entry) {
        try {
            FolderTree.delete(entry);
        } catch (IOException e) {
            throw failed(entry, e);
        }
    }

    private static MillraceException failed(Path path, IOException cause) {
        return MillraceException.resource(
                "BENCH_FILE_FAILED",
                "Scratch file '" + path + "' can't be used",
                cause.toString(),
                "Look after the folder's permissions and its disk.",
                cause);
    }
}
