package dev.millrace.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.installation.LogConfig;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.installation.PoolConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationFileTest {
    @TempDir
    Path folder;

    private final ConfigLoader loader = new ConfigLoader(Map.of(), Map.of(), name -> null);

    @Test
    void anEmptyFileIsAsGoodAsNone() throws IOException {
        assertEquals(MillraceConfig.defaults(folder), load("").orThrow());
        assertEquals(MillraceConfig.defaults(folder), load("# nothing\n").orThrow());
        assertEquals(folder.resolve("data"), load("").orThrow().dataFolder());
    }

    @Test
    void everyKeyIsRead() throws IOException {
        MillraceConfig config = load("""
                data: /var/lib/millrace
                pipelines: flows
                team: sales
                web: {enabled: false, host: localhost, port: 0}
                log: {durability: os, diskBudget: 1GB, topicBudget: 100MB, minFreeDisk: 0, roll: daily, replay: 7d}
                workers: {ingest: {min: 1, max: 4}, load: {max: 3}}
                """).orThrow();
        assertEquals(Path.of("/var/lib/millrace"), config.dataFolder());
        assertEquals(folder.resolve("flows"), config.pipelinesFolder());
        assertEquals("sales", config.team());
        assertEquals(0, config.web().port());
        assertEquals(
                new LogConfig(
                        LogConfig.Durability.OS, 1L << 30, 100 << 20, 0, LogConfig.Roll.DAILY, Duration.ofDays(7)),
                config.log());
        assertEquals(new PoolConfig(1, 4), config.workers().ingest());
        assertEquals(new PoolConfig(2, 3), config.workers().load());
    }

    @Test
    void theEffectiveConfigurationLoadsToTheSame() throws IOException {
        MillraceConfig config =
                load("data: \"it's $${odd}\"\nlog: {replay: 90s, diskBudget: 1023MB}\nworkers: {load: {max: 7}}\n")
                        .orThrow();
        assertEquals(config, load(config.effective()).orThrow());
    }

    @Test
    void theReferenceFileHoldsTheDefaults() {
        Path reference =
                Path.of("../packaging/reference/millrace.yaml").toAbsolutePath().normalize();
        Loaded<MillraceConfig> loaded = loader.loadInstallation(reference);
        assertEquals(MillraceConfig.defaults(reference.getParent()), loaded.orThrow());
        assertEquals(List.of(), loaded.problems().list());
    }

    @Test
    void everyProblemIsTold() throws IOException {
        String text = load("""
                dta: x
                team: Sales!
                web: {host: 0.0.0.0, port: 70000}
                log: {durability: maybe, diskBudget: 1MB, replay: -1d}
                workers: {ingest: {min: 5, max: 4}, laod: {min: 0}}
                """).problems().text();
        for (String expected : List.of(
                ":1:1: 'dta' is not a known key. Did you mean 'data'?",
                ":3:28: 'port' is '70000', which is out of range",
                ":4:19: 'durability' is 'maybe'",
                ":4:38: 'diskBudget' is '1MB', which is out of range. Write a value at least 64MB.",
                ":4:51: 'replay' is '-1d', which is not a time span",
                ":5:25: 'ingest' has min 5 above max 4",
                ":5:37: 'laod' is not a known key. Did you mean 'load'?")) {
            assertTrue(text.contains(expected), expected + " in\n" + text);
        }
    }

    @Test
    void thePageStaysOnThisMachine() throws IOException {
        assertTrue(
                load("web: {host: 0.0.0.0}\n").problems().text().contains(":1:13: 'host' is not a loopback address"));
        assertTrue(load("web: {host: 127.0.0.53}\n").value().isPresent());
        assertTrue(load("web: {host: '::1'}\n").value().isPresent());
    }

    private Loaded<MillraceConfig> load(String yaml) throws IOException {
        return loader.loadInstallation(Files.writeString(folder.resolve("millrace.yaml"), yaml));
    }
}
