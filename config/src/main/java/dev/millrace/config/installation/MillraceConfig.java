package dev.millrace.config.installation;

import dev.millrace.config.setting.Durations;
import dev.millrace.config.setting.Sizes;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One installation.
 *
 * @param dataFolder where log and state live; absolute
 * @param pipelinesFolder whose files {@code serve} runs; absolute
 * @param destinationsFolder whose files are the destinations that pipelines share; absolute
 * @param team the owner's name in topic names, by the rules of a pipeline's name
 */
public record MillraceConfig(
        Path dataFolder,
        Path pipelinesFolder,
        Path destinationsFolder,
        String team,
        WebConfig web,
        LogConfig log,
        WorkersConfig workers,
        EncryptionConfig encryption) {
    public MillraceConfig {
        Objects.requireNonNull(team);
        Objects.requireNonNull(web);
        Objects.requireNonNull(log);
        Objects.requireNonNull(workers);
        Objects.requireNonNull(encryption);
        if (!dataFolder.isAbsolute() || !pipelinesFolder.isAbsolute() || !destinationsFolder.isAbsolute()) {
            throw new IllegalArgumentException(
                    "relative folder: " + dataFolder + ", " + pipelinesFolder + ", " + destinationsFolder);
        }
    }

    /** Everything as it is without a file: {@code data}, {@code pipelines} and {@code destinations} below {@code folder}. */
    public static MillraceConfig defaults(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        return new MillraceConfig(
                absolute.resolve("data"),
                absolute.resolve("pipelines"),
                absolute.resolve("destinations"),
                "default",
                WebConfig.DEFAULT,
                LogConfig.DEFAULT,
                WorkersConfig.DEFAULT,
                EncryptionConfig.DEFAULT);
    }

    /** The same with another data folder, as the command line may say. */
    public MillraceConfig withDataFolder(Path folder) {
        return new MillraceConfig(
                folder.toAbsolutePath().normalize(),
                pipelinesFolder,
                destinationsFolder,
                team,
                web,
                log,
                workers,
                encryption);
    }

    /** The same with other settings of the page. */
    public MillraceConfig withWeb(WebConfig page) {
        return new MillraceConfig(
                dataFolder, pipelinesFolder, destinationsFolder, team, page, log, workers, encryption);
    }

    /** The whole configuration as YAML, for the log at start; keys are masked, so that it loads to the same where none are given. */
    public String effective() {
        return String.join(
                "\n",
                "data: " + quoted(dataFolder),
                "pipelines: " + quoted(pipelinesFolder),
                "destinations: " + quoted(destinationsFolder),
                "team: " + team,
                "web: {enabled: " + web.enabled() + ", host: \"" + web.host() + "\", port: " + web.port() + "}",
                "log:",
                "  durability: " + log.durability().name().toLowerCase(Locale.ROOT),
                "  diskBudget: " + Sizes.format(log.diskBudgetBytes()),
                "  topicBudget: " + Sizes.format(log.topicBudgetBytes()),
                "  minFreeDisk: " + Sizes.format(log.minFreeDiskBytes()),
                "  roll: " + log.roll().name().toLowerCase(Locale.ROOT),
                "  replay: " + Durations.format(log.replay()),
                "workers:",
                "  ingest: {min: " + workers.ingest().min() + ", max: "
                        + workers.ingest().max() + "}",
                "  load: {min: " + workers.load().min() + ", max: "
                        + workers.load().max() + "}",
                "encryption: {"
                        + String.join(
                                ", ",
                                Stream.of(
                                                encryption.key().map(key -> "key: " + key),
                                                encryption.previousKey().map(key -> "previousKey: " + key))
                                        .flatMap(Optional::stream)
                                        .toList())
                        + "}",
                "");
    }

    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "''").replace("${", "$${") + "'";
    }
}
