package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.millrace.storage.batch.BatchHeader;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.log.ChronicleEventLog;
import dev.millrace.storage.log.EventLog;
import dev.millrace.storage.log.LogOptions;
import dev.millrace.storage.log.LogReader;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A user in front of an installation that may not be well: starts it until it has caught up, reads what it says when it refuses, and does
 * just what the message names. A crash, a hang, a message without a way out, or a way out that leads nowhere is a failure.
 */
final class WayBack {
    private static final int MOST_STEPS = 5;

    /** How an error that ends a process is told. */
    static final Pattern ERROR = Pattern.compile("(?m)^error ([A-Z_]+): (.*)$");

    private static final Pattern COMMAND = Pattern.compile("millrace (reload --all --pipeline [\\w-]+)");
    private static final Pattern DAMAGED_BEHIND = Pattern.compile("is damaged behind batch (\\d+)");

    private final Stage stage;
    private final Path backup;
    private final List<String> said = new ArrayList<>();

    /** @param backup an older copy of the data folder, for messages that ask for one */
    WayBack(Stage stage, Path backup) {
        this.stage = stage;
        this.backup = backup;
    }

    /** Ends when the pipeline has caught up. */
    List<String> take() throws Exception {
        List<String> codes = new ArrayList<>();
        while (true) {
            String text;
            try (MillraceProcess process = stage.once("")) {
                int exit = process.await(Stage.SECONDS);
                text = process.output();
                said.add("exit " + exit + "\n" + text);
                requireNoCrash(exit);
                if (exit == 0) {
                    return codes;
                }
            }
            Matcher error = ERROR.matcher(text);
            assertTrue(error.find(), () -> "no error is told:\n" + story());
            codes.add(error.group(1));
            assertTrue(codes.size() <= MOST_STEPS, () -> "no way out:\n" + story());
            requireGoodPrefix(text);
            follow(error.group(1), text);
        }
    }

    /** All that was said, for messages. */
    String story() {
        return String.join("\n----\n", said);
    }

    private void requireNoCrash(int exit) throws IOException {
        assertFalse(exit == -1, () -> "it hangs:\n" + story());
        assertTrue(exit == 0 || exit == 2 || exit == 3, () -> "exit code " + exit + ":\n" + story());
        try (Stream<Path> files = Files.list(stage.folder())) {
            assertTrue(
                    files.noneMatch(file -> file.getFileName().toString().startsWith("hs_err")),
                    () -> "the process crashed:\n" + story());
        }
    }

    /**
     * What is whole in a damaged log has to be at the destination by now: every batch up to the damage, but for those of a transaction that is
     * open there. Its end may be what is damaged, and no reader of the destination may see a part of it. (One that outgrows the window's
     * limits many times is loaded in parts; the ledger has none.)
     */
    private void requireGoodPrefix(String text) throws Exception {
        Matcher damaged = DAMAGED_BEHIND.matcher(text);
        if (damaged.find()) {
            long good = Long.parseLong(damaged.group(1));
            long there = committedIndex();
            long wanted = there < good ? endOfTransactions(there, good) : there;
            assertTrue(
                    there >= wanted,
                    () -> "batches up to " + good + " are whole, and up to " + wanted
                            + " their transactions, loaded are " + there + ":\n" + story());
        }
    }

    /** The last batch up to {@code to}, or {@code from}, behind which no transaction is open; read from a copy of the log, which stays as it is. */
    private long endOfTransactions(long from, long to) throws Exception {
        Path copy = Files.createTempDirectory(stage.folder(), "good-");
        Shell.copy(stage.data().resolve("log"), copy.resolve("log"));
        long end = from;
        try (StateStore state = RocksStateStore.open(copy.resolve("state"));
                EventLog log = new ChronicleEventLog(LogOptions.defaults(copy.resolve("log")), state);
                Topic topic = log.open(log.topics().get(0));
                LogReader reader = topic.reader(from)) {
            boolean open = false;
            while (reader.index() < to) {
                StoredBatch batch = reader.next(TimeUnit.SECONDS.toMillis(Stage.SECONDS));
                assertNotNull(batch, () -> "batch " + (reader.index() + 1) + " is not whole:\n" + story());
                BatchHeader header = batch.header();
                if (!header.historicalLoad() && header.eventCount() > 0) {
                    open = !header.endsTransaction();
                }
                end = open ? end : reader.index();
            }
        }
        Shell.delete(copy);
        return end;
    }

    private long committedIndex() throws SQLException {
        try (Connection connection = stage.destination();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT coalesce(max(log_index), 0) FROM __millrace_positions")) {
            row.next();
            return row.getLong(1);
        }
    }

    private void follow(String code, String text) throws Exception {
        switch (code) {
            case "LOG_DAMAGED", "LOG_BEHIND", "LOG_INDEX_GONE", "SLOT_AHEAD", "SLOT_NOT_OURS", "SLOT_UNDECODABLE" ->
                command(text);
            case "STATE_DAMAGED" -> {
                requireSaid(text, "move the data folder away");
                moveAway(stage.data());
            }
            case "DATA_FOLDER_VERSION" -> {
                requireSaid(text, "Put the file back from a backup");
                Shell.delete(stage.data().resolve("installation"));
                Shell.copy(backup.resolve("installation"), stage.data().resolve("installation"));
            }
            case "DATA_FOLDER_NOT_WRITABLE" -> {
                requireSaid(text, "give the folder to 'root'");
                Shell.must("chown", "-R", "root", stage.data().toString());
            }
            case "DESTINATION_DAMAGED", "DESTINATION_NOT_DUCKDB" -> {
                requireSaid(text, "ove th"); // move the file, move that file
                moveDuckDbAway();
                command(text);
            }
            default -> fail("a message that names no way back:\n" + story());
        }
    }

    /** DuckDB has told a reader that blocks are damaged which Millrace had no need to read: the way back is the same. */
    void fileIsDamaged() throws Exception {
        said.add("DuckDB tells a reader that the file is damaged");
        moveDuckDbAway();
        command("millrace reload --all --pipeline " + stage.pipeline());
    }

    private void moveDuckDbAway() throws IOException {
        moveAway(stage.duckdbFile());
        Path wal = stage.duckdbFile().resolveSibling(stage.duckdbFile().getFileName() + ".wal");
        if (Files.exists(wal)) {
            moveAway(wal);
        }
    }

    private void requireSaid(String text, String words) {
        assertTrue(text.contains(words), () -> "'" + words + "' is not said:\n" + story());
    }

    private static void moveAway(Path file) throws IOException {
        Path away = Files.createTempDirectory(file.getParent(), "away-").resolve(file.getFileName());
        Files.move(file, away);
    }

    private void command(String text) throws Exception {
        Matcher named = COMMAND.matcher(text);
        assertTrue(named.find(), () -> "no command is named:\n" + story());
        try (MillraceProcess command =
                MillraceProcess.start(stage.folder(), "", named.group(1).split(" "))) {
            int exit = command.await(Stage.SECONDS);
            said.add("millrace " + named.group(1) + "\nexit " + exit + "\n" + command.output());
            assertEquals(0, exit, this::story);
        }
    }
}
