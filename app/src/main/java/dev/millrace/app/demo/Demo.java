package dev.millrace.app.demo;

import ch.qos.logback.classic.Level;
import dev.millrace.app.Connectors;
import dev.millrace.app.Millrace;
import dev.millrace.app.pipeline.Closing;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.load.ConfigLoader;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.storage.folder.FolderTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The demo: a real PostgreSQL with the Pagila shop, people at work in it, and a pipeline into a DuckDB file, all below one folder that one
 * process at a time may use. Confined to one thread, but for {@link #close}, which any may call.
 */
public final class Demo implements AutoCloseable {
    private static final double TRANSACTIONS_PER_SECOND = 40;
    private static final String PIPELINE = "pagila";
    private static final String WAREHOUSE = "warehouse.duckdb";
    private static final String LOCK = "lock";
    private static final String POSTGRES = "postgres";
    /** All that a demo makes in its folder, beside the warehouse and its companions. */
    private static final Set<String> OWN = Set.of(LOCK, POSTGRES, "pipelines", "destinations", "data");

    private final Path folder;
    private final FileChannel channel;
    private final DemoPostgres postgres;
    private ShopSimulator shop;
    private Millrace millrace;
    private boolean closed;

    private Demo(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
        this.postgres = new DemoPostgres(folder.resolve(POSTGRES));
    }

    /**
     * Claims the folder, making it where it is not there.
     *
     * @throws MillraceException RESOURCE DEMO_RUNNING when another process has it; USER DEMO_FOLDER_TAKEN when it is something else's: a demo
     *     is removed whole
     */
    public static Demo open(Path folder) {
        Path root = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(root);
            requireOwn(root);
            FileChannel channel =
                    FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = lock(channel);
            if (lock == null) {
                channel.close();
                throw MillraceException.resource(
                        "DEMO_RUNNING",
                        "The demo in " + root + " is running in another process",
                        "",
                        "Stop that one with Ctrl-C first.",
                        null);
            }
            return new Demo(root, channel);
        } catch (IOException e) {
            throw MillraceException.resource(
                    "DEMO_FOLDER",
                    "The demo's folder " + root + " can't be used",
                    e.toString(),
                    "Choose another with --folder.",
                    e);
        }
    }

    /** That there is nothing in it that a demo hasn't made, and that it is no other folder of Millrace's. */
    private static void requireOwn(Path root) throws IOException {
        List<String> names;
        try (Stream<Path> entries = Files.list(root)) {
            names = entries.map(entry -> entry.getFileName().toString())
                    .sorted()
                    .toList();
        }
        boolean begun = Files.isDirectory(root.resolve(POSTGRES)) || names.isEmpty() || names.equals(List.of(LOCK));
        Optional<String> strange = names.stream()
                .filter(name -> !begun || !OWN.contains(name) && !name.startsWith(WAREHOUSE))
                .findFirst();
        if (strange.isPresent()) {
            throw MillraceException.user(
                    "DEMO_FOLDER_TAKEN",
                    "The folder " + root + " is not the demo's",
                    "'" + strange.get()
                            + "' in it is nothing that a demo has made, and a demo's folder is removed whole",
                    "Choose an empty folder with --folder, or move that elsewhere.");
        }
    }

    private static FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    /** Starts the database, filling it when it is new; true when it was. */
    public boolean startDatabase() {
        postgres.start();
        try (Connection connection = postgres.connect()) {
            boolean filled = Pagila.loadInto(connection);
            ShopSimulator.prepare(connection);
            return filled;
        } catch (SQLException | IOException e) {
            throw MillraceException.resource(
                    "DEMO_DATA",
                    "The sample database was not loaded",
                    e.toString(),
                    "Begin anew: millrace demo --remove, then millrace demo.",
                    e);
        }
    }

    /** Writes the pipeline's file and runs it. */
    public Millrace startPipeline() {
        Path file = folder.resolve("pipelines").resolve(PIPELINE + ".yaml");
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, definition());
        } catch (IOException e) {
            throw MillraceException.resource(
                    "DEMO_FOLDER",
                    "Cannot write " + file,
                    e.toString(),
                    "Check the folder's rights and free space.",
                    e);
        }
        ConfigLoader loader = new ConfigLoader(Connectors.sourceKinds(), Connectors.destinationKinds());
        PipelineDefinition pipeline = loader.loadPipeline(file).orThrow();
        MillraceConfig defaults = MillraceConfig.defaults(folder);
        MillraceConfig config = defaults.withWeb(defaults.web().withAnyPort());
        Millrace started = Millrace.start(config, List.of(pipeline), Level.OFF);
        synchronized (this) {
            millrace = started;
        }
        return started;
    }

    private String definition() {
        return """
        # The demo's pipeline; written anew at every start.
        name: %s
        source:
          type: postgresql
          host: %s
          port: %d
          database: %s
          user: %s
        objects: ["public.*"]
        destination:
          type: duckdb
          path: ../warehouse.duckdb
        onDelete: soft
        """.formatted(PIPELINE, postgres.host(), postgres.port(), postgres.database(), postgres.user());
    }

    /** Lets people rent films. */
    public synchronized void startShop() {
        shop = new ShopSimulator(postgres::connect, TRANSACTIONS_PER_SECOND, System.nanoTime());
        shop.start();
    }

    /** Where the loaded tables are. */
    public Path warehouse() {
        return folder.resolve(WAREHOUSE);
    }

    /** Stops the pipeline, so that the warehouse's file can be opened; the database goes on. */
    public synchronized void stopPipeline() {
        if (millrace != null) {
            millrace.close();
            millrace = null;
        }
    }

    /** Compares these tables ({@code schema.table}) of both sides; with the pipeline stopped and the shop closed. */
    public List<Comparison.Result> compare(List<String> tables) {
        try (Connection source = postgres.connect();
                Connection destination = DriverManager.getConnection("jdbc:duckdb:" + warehouse())) {
            Comparison comparison = new Comparison(source, destination);
            List<Comparison.Result> results = new java.util.ArrayList<>();
            for (String table : tables) {
                int dot = table.indexOf('.');
                String schema = table.substring(0, dot);
                String name = table.substring(dot + 1);
                results.add(comparison.compare(new Comparison.Pair(schema, name, schema, name)));
            }
            return results;
        } catch (SQLException e) {
            throw MillraceException.external(
                    "DEMO_COMPARE",
                    "Source and destination can't be compared",
                    e.toString(),
                    "Run 'millrace demo' first, then stop it.",
                    e);
        }
    }

    /** Stops what a killed demo may have left running and deletes the folder; nothing is left behind. */
    public void remove() {
        close();
        DemoPostgres.stopLeftOver(folder.resolve(POSTGRES));
        try {
            FolderTree.delete(folder);
        } catch (IOException e) {
            throw MillraceException.resource(
                    "DEMO_FOLDER", "Cannot remove " + folder, e.toString(), "Remove it by hand.", e);
        }
    }

    /** Stops people, pipeline and database in this order; idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        Closing.all(
                () -> {
                    if (shop != null) {
                        shop.close();
                    }
                },
                this::stopPipeline,
                postgres::close,
                this::release);
    }

    private void release() {
        try {
            channel.close();
        } catch (IOException e) {
            throw MillraceException.resource("DEMO_FOLDER", "Cannot release " + folder, e.toString(), "", e);
        }
    }
}
