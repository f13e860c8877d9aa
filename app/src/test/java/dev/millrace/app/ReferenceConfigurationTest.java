package dev.millrace.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.load.ConfigLoader;
import dev.millrace.config.load.Loaded;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.setting.SettingsParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReferenceConfigurationTest {
    private static final Path REFERENCE =
            Path.of("../packaging/reference/pipeline.yaml").toAbsolutePath().normalize();

    @Test
    void theReferencePipelineLoadsWithTheConnectorsThatAreBuiltIn() {
        Loaded<PipelineDefinition> loaded = new ConfigLoader(
                        Connectors.sourceKinds(), Connectors.destinationKinds(), name -> null)
                .loadPipeline(REFERENCE);
        assertEquals("", loaded.problems().text());
        assertEquals("shop", loaded.orThrow().name());
    }

    @Test
    void theReferenceDestinationLoadsAndMayBeNamedByAPipeline() {
        Path destination = REFERENCE.resolveSibling("destination.yaml");
        Loaded<DestinationDefinition> loaded = new ConfigLoader(
                        Connectors.sourceKinds(), Connectors.destinationKinds(), name -> null)
                .loadDestination(destination);
        assertEquals("", loaded.problems().text());
        assertTrue(loaded.orThrow().loading().schedule().isPresent());
    }

    @Test
    void theReferencePipelineNamesEverySettingOfItsConnectors() throws IOException {
        String text = Files.readString(REFERENCE);
        for (List<Setting> settings : List.of(
                Connectors.sourceKinds().get("postgresql"),
                Connectors.destinationKinds().get("duckdb"))) {
            for (Setting setting : settings) {
                assertTrue(text.contains("\n  " + setting.name() + ": "), setting.name() + " is not in " + REFERENCE);
            }
        }
    }

    @Test
    void whatTheReferenceCallsADefaultIsTheDefault() throws IOException {
        for (String line : Files.readAllLines(REFERENCE)) {
            if (line.matches("  \\w+: \\S+ +# \\(default\\).*")) {
                String name = line.strip().split(":", 2)[0];
                String value = line.strip().split(": +", 2)[1].split(" ", 2)[0];
                boolean declared = List.of(
                                Connectors.sourceKinds().get("postgresql"),
                                Connectors.destinationKinds().get("duckdb"))
                        .stream()
                        .flatMap(List::stream)
                        .anyMatch(setting -> setting.name().equals(name) && value.equals(setting.defaultValue()));
                assertTrue(declared, line);
            }
        }
    }

    @Test
    void everyConnectorsDefaultsAreValidAndItsSettingsHaveHelp() {
        Map<String, List<Setting>> kinds = new HashMap<>(Connectors.sourceKinds());
        Connectors.destinationKinds().forEach((kind, settings) -> kinds.put(kind + " destination", settings));
        kinds.forEach((kind, declared) -> {
            Map<String, String> required = new HashMap<>();
            for (Setting setting : declared) {
                assertTrue(setting.help().endsWith("."), kind + "." + setting.name() + ": " + setting.help());
                if (setting.required()) {
                    required.put(setting.name(), "x");
                }
            }
            Settings settings = SettingsParser.parse(declared, required);
            declared.stream()
                    .filter(setting -> setting.defaultValue() != null)
                    .forEach(setting -> assertTrue(settings.has(setting.name()), kind + "." + setting.name()));
        });
    }
}
