package dev.millrace.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The rules that keep the modules apart, read from the compiled classes of all of them. */
class ProjectRulesTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.millrace");

    @Test
    void theClassesOfAllModulesAreSeen() {
        for (String module : List.of("config", "storage", "ingest", "consume", "web", "app")) {
            assertTrue(
                    CLASSES.stream().anyMatch(one -> one.getPackageName().startsWith("dev.millrace." + module)),
                    module);
        }
    }

    @Test
    void modulesDependOnlyOnThoseBelowThem() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("config")
                .definedBy("dev.millrace.config..")
                .layer("storage")
                .definedBy("dev.millrace.storage..")
                .layer("ingest")
                .definedBy("dev.millrace.ingest..")
                .layer("consume")
                .definedBy("dev.millrace.consume..")
                .layer("web")
                .definedBy("dev.millrace.web..")
                .layer("app")
                .definedBy("dev.millrace.app..")
                .whereLayer("app")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("web")
                .mayOnlyBeAccessedByLayers("app")
                .whereLayer("ingest")
                .mayOnlyBeAccessedByLayers("app")
                .whereLayer("consume")
                .mayOnlyBeAccessedByLayers("app")
                .whereLayer("storage")
                .mayOnlyBeAccessedByLayers("ingest", "consume", "web", "app")
                .check(CLASSES);
    }

    @Test
    void theQueueLibraryIsUsedInOnePackageOnly() {
        onlyIn("dev.millrace.storage.log..", "net.openhft..").check(CLASSES);
    }

    @Test
    void theStateLibraryIsUsedInOnePackageOnly() {
        onlyIn("dev.millrace.storage.state..", "org.rocksdb..").check(CLASSES);
    }

    @Test
    void theWebLibraryIsUsedInTheWebModuleOnly() {
        onlyIn("dev.millrace.web..", "io.javalin..").check(CLASSES);
    }

    @Test
    void noClassExtendsAnotherOfOurs() {
        List<String> heirs = CLASSES.stream()
                .filter(ProjectRulesTest::extendsOneOfOurs)
                .map(JavaClass::getFullName)
                .sorted()
                .toList();
        assertEquals(List.of(), heirs, "reuse by wrapping or by a function; only exceptions may extend");
    }

    private static boolean extendsOneOfOurs(JavaClass one) {
        Optional<JavaClass> parent = one.getRawSuperclass();
        return parent.isPresent()
                && parent.get().getPackageName().startsWith("dev.millrace")
                && !parent.get().isEnum()
                && !one.isAssignableTo(Throwable.class);
    }

    private static ArchRule onlyIn(String ours, String theirs) {
        return noClasses()
                .that()
                .resideInAPackage("dev.millrace..")
                .and()
                .resideOutsideOfPackage(ours)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(theirs)
                .allowEmptyShould(true);
    }
}
