package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A user in front of an installation that may not be well: starts it until it has caught up, reads what it says when it refuses, and does
 * just what the message names. A crash, a hang, a message without a way out, or a way out that leads nowhere is a failure.
 */
final class WayBack {
    private static final int MOST_STEPS = 5;

    /** A transaction whose end is damaged is not delivered in part: the ledger's largest is of so many batches at most. */
    private static final int OPEN_BATCHES = 16;

    private static final Pattern ERROR = Pattern.compile("(?m)^error ([A-Z_]+): (.*)$");
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

    /** What is whole in a damaged log has to be at the destination by now. */
    private void requireGoodPrefix(String text) throws SQLException {
        Matcher damaged = DAMAGED_BEHIND.matcher(text);
        if (damaged.find()) {
            long good = Long.parseLong(damaged.group(1));
            long there = committedIndex();
            assertTrue(
                    there >= good - OPEN_BATCHES,
                    () -> "batches up to " + good + " are whole, loaded are " + there + ":\n" + story());
        }
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
            case "LOG_DAMAGED", "LOG_BEHIND", "LOG_INDEX_GONE", "SLOT_AHEAD", "SLOT_NOT_OURS" -> command(text);
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
                moveAway(stage.duckdbFile());
                Path wal = stage.duckdbFile().resolveSibling(stage.duckdbFile().getFileName() + ".wal");
                if (Files.exists(wal)) {
                    moveAway(wal);
                }
                command(text);
            }
            default -> fail("a message that names no way back:\n" + story());
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
