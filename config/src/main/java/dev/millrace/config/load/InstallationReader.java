package dev.millrace.config.load;

import dev.millrace.config.installation.EncryptionConfig;
import dev.millrace.config.installation.LogConfig;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.installation.PoolConfig;
import dev.millrace.config.installation.WebConfig;
import dev.millrace.config.installation.WorkersConfig;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.setting.Durations;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Range;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.setting.Sizes;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Makes the installation's configuration from a file's top section; what is not in the file has the records' defaults. Stateless. */
final class InstallationReader {
    private static final Range AT_LEAST_64_MB = new Range(64L << 20, Long.MAX_VALUE);
    private static final Range WORKERS = new Range(1, 256);

    private static final List<Setting> TOP = List.of(
            Setting.optional("data", Type.PATH, "data", "The folder of log and state."),
            Setting.optional("pipelines", Type.PATH, "pipelines", "The folder of pipeline files."),
            Setting.optional("destinations", Type.PATH, "destinations", "The folder of destinations that are shared."),
            Setting.optional("team", Type.TEXT, "default", "The owner's name."));

    private static final List<Setting> WEB = List.of(
            Setting.optional(
                    "enabled",
                    Type.BOOLEAN,
                    String.valueOf(WebConfig.DEFAULT.enabled()),
                    "Whether the page is served."),
            Setting.optional("host", Type.TEXT, WebConfig.DEFAULT.host(), "The loopback address to listen on."),
            Setting.bounded(
                    "port",
                    Type.INTEGER,
                    String.valueOf(WebConfig.DEFAULT.port()),
                    new Range(0, 65_535),
                    "The port, 0 for a free one."));

    private static final List<Setting> LOG = List.of(
            Setting.choice("durability", "fsync", List.of("fsync", "os"), "When a batch counts as durable."),
            size("diskBudget", LogConfig.DEFAULT.diskBudgetBytes(), AT_LEAST_64_MB, "Disk for all topics."),
            size("topicBudget", LogConfig.DEFAULT.topicBudgetBytes(), AT_LEAST_64_MB, "Disk for each topic."),
            size(
                    "minFreeDisk",
                    LogConfig.DEFAULT.minFreeDiskBytes(),
                    Range.NOT_NEGATIVE,
                    "What stays free on the disk."),
            Setting.choice("roll", "hourly", List.of("hourly", "daily"), "How often a topic begins a new file."),
            Setting.optional(
                    "replay",
                    Type.DURATION,
                    Durations.format(LogConfig.DEFAULT.replay()),
                    "How long loaded batches are kept."));

    private static final List<Setting> ENCRYPTION = List.of(
            Setting.optional(
                    "key",
                    Type.SECRET,
                    null,
                    "What failed events are encrypted with: 32 bytes in base64, by reference; without it a file in the data folder."),
            Setting.optional(
                    "previousKey", Type.SECRET, null, "What they were encrypted with before the key was changed."));

    private InstallationReader() {}

    /** Empty when anything was complained about. */
    static Optional<MillraceConfig> read(Section top, ProblemCollector problems) {
        Optional<Settings> settings = top.settings(TOP, Set.of("web", "log", "workers", "encryption"));
        Optional<WebConfig> web = web(top.section("web"), problems);
        Optional<LogConfig> log = top.section("log").settings(LOG, Set.of()).map(InstallationReader::log);
        Section workers = top.section("workers");
        workers.settings(List.of(), Set.of("ingest", "load"));
        Optional<PoolConfig> ingest = pool(workers, "ingest", WorkersConfig.DEFAULT.ingest(), problems);
        Optional<PoolConfig> load = pool(workers, "load", WorkersConfig.DEFAULT.load(), problems);
        Optional<Settings> encryption = top.section("encryption").settings(ENCRYPTION, Set.of());
        if (settings.isPresent() && !PipelineDefinition.isName(settings.get().text("team"))) {
            String suggestion =
                    "Use lower-case letters, digits, '-' and '_', a letter or digit first, at most 40 characters.";
            problems.error(top.place("team"), "BAD_NAME", "'team' is not a name", suggestion);
        }
        if (problems.hasErrors()) {
            return Optional.empty();
        }
        Settings values = settings.orElseThrow();
        return Optional.of(new MillraceConfig(
                values.path("data"),
                values.path("pipelines"),
                values.path("destinations"),
                values.text("team"),
                web.orElseThrow(),
                log.orElseThrow(),
                new WorkersConfig(ingest.orElseThrow(), load.orElseThrow()),
                encryption(encryption.orElseThrow())));
    }

    private static EncryptionConfig encryption(Settings values) {
        return new EncryptionConfig(values.secret("key"), values.secret("previousKey"));
    }

    private static Optional<WebConfig> web(Section section, ProblemCollector problems) {
        Optional<Settings> settings = section.settings(WEB, Set.of());
        if (settings.isPresent() && !isLoopback(settings.get().text("host"))) {
            problems.error(
                    section.place("host"),
                    "BAD_VALUE",
                    "'host' is not a loopback address, and the page has no log-in that would let others in safely",
                    "Write 127.0.0.1, and reach it from elsewhere through an SSH tunnel.");
        }
        return settings.map(
                values -> new WebConfig(values.flag("enabled"), values.text("host"), values.integer("port")));
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("::1") || host.matches("127(\\.\\d{1,3}){3}");
    }

    private static LogConfig log(Settings values) {
        return new LogConfig(
                LogConfig.Durability.valueOf(values.text("durability").toUpperCase(Locale.ROOT)),
                values.sizeBytes("diskBudget"),
                values.sizeBytes("topicBudget"),
                values.sizeBytes("minFreeDisk"),
                LogConfig.Roll.valueOf(values.text("roll").toUpperCase(Locale.ROOT)),
                values.duration("replay"));
    }

    private static Optional<PoolConfig> pool(
            Section workers, String name, PoolConfig defaults, ProblemCollector problems) {
        Section section = workers.section(name);
        List<Setting> declared = List.of(
                Setting.bounded("min", Type.INTEGER, String.valueOf(defaults.min()), WORKERS, "The fewest workers."),
                Setting.bounded("max", Type.INTEGER, String.valueOf(defaults.max()), WORKERS, "The most workers."));
        Optional<Settings> settings = section.settings(declared, Set.of());
        if (settings.isEmpty()) {
            return Optional.empty();
        }
        int min = settings.get().integer("min");
        int max = settings.get().integer("max");
        if (min > max) {
            String message = "'" + name + "' has min " + min + " above max " + max;
            problems.error(
                    section.place("min"), "BAD_VALUE", message, "Write a max of at least " + min + ", or lower min.");
            return Optional.empty();
        }
        return Optional.of(new PoolConfig(min, max));
    }

    private static Setting size(String name, long defaultBytes, Range range, String help) {
        return Setting.bounded(name, Type.SIZE, Sizes.format(defaultBytes), range, help);
    }
}
