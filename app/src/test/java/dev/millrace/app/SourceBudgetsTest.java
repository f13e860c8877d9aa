package dev.millrace.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** The budgets that keep code readable, measured on the sources of all modules with the compiler's own parser. */
class SourceBudgetsTest {
    private static final int FILE_LINES = 400;
    private static final int METHOD_LINES = 60;
    private static final int CONSTRUCTOR_PARAMETERS = 7;
    private static final int PACKAGE_DEPTH = 4;
    private static final Set<String> DUST =
            Set.of("util", "utils", "common", "impl", "helper", "helpers", "manager", "managers", "base");
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    @Test
    void filesAreShort() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources("src")) {
            long lines = Files.readString(file).lines().count();
            if (lines > FILE_LINES) {
                tooLong.add(ROOT.relativize(file) + ": " + lines + " lines");
            }
        }
        assertEquals(List.of(), tooLong, "at most " + FILE_LINES + " lines a file");
    }

    @Test
    void methodsAreShortAndConstructorsTakeFewParameters() throws IOException {
        List<String> found = new ArrayList<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources("src")));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new Budget(unit, positions, found).scan(unit, false);
            }
        }
        assertEquals(List.of(), found);
    }

    @Test
    void packagesAreFlatNamedForTheirPurposeAndExplained() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path folder : packages()) {
            List<String> names = new ArrayList<>();
            folder.forEach(part -> names.add(part.toString()));
            List<String> below = names.subList(names.lastIndexOf("millrace") + 1, names.size());
            if (below.size() > PACKAGE_DEPTH) {
                found.add(folder + " is deeper than " + PACKAGE_DEPTH);
            }
            if (below.stream().anyMatch(DUST::contains)) {
                found.add(folder + " has a name that says nothing");
            }
            Path explanation = ROOT.resolve(folder).resolve("package-info.java");
            if (names.contains("main") && !Files.exists(explanation)) {
                found.add(folder + " lacks package-info.java");
            }
        }
        assertEquals(List.of(), found);
    }

    private static Set<Path> packages() throws IOException {
        Set<Path> packages = new TreeSet<>();
        for (Path file : sources("src")) {
            packages.add(ROOT.relativize(file.getParent()));
        }
        return packages;
    }

    private static List<Path> sources(String folder) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : List.of("config", "storage", "ingest", "consume", "web", "app", "packaging")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        assertTrue(sources.size() > 50, "found only " + sources.size() + " source files under " + ROOT);
        return sources;
    }

    /** Measures methods; the argument says whether the class around is a record, whose components are data. */
    private static final class Budget extends TreeScanner<Void, Boolean> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> found;

        Budget(CompilationUnitTree unit, SourcePositions positions, List<String> found) {
            this.unit = unit;
            this.positions = positions;
            this.found = found;
        }

        @Override
        public Void visitClass(ClassTree type, Boolean inRecord) {
            return super.visitClass(type, type.getKind() == Tree.Kind.RECORD);
        }

        @Override
        public Void visitMethod(MethodTree method, Boolean inRecord) {
            long end = positions.getEndPosition(unit, method);
            if (end >= 0) {
                long lines = unit.getLineMap().getLineNumber(end)
                        - unit.getLineMap().getLineNumber(positions.getStartPosition(unit, method))
                        + 1;
                if (lines > METHOD_LINES) {
                    found.add(place(method) + " has " + lines + " lines, at most " + METHOD_LINES);
                }
            }
            boolean constructor = method.getName().contentEquals("<init>");
            if (constructor && !inRecord && method.getParameters().size() > CONSTRUCTOR_PARAMETERS) {
                found.add(place(method) + " takes " + method.getParameters().size() + " parameters, at most "
                        + CONSTRUCTOR_PARAMETERS);
            }
            return super.visitMethod(method, inRecord);
        }

        private String place(MethodTree method) {
            return ROOT.relativize(Path.of(unit.getSourceFile().toUri())) + ":"
                    + unit.getLineMap().getLineNumber(positions.getStartPosition(unit, method)) + " "
                    + method.getName();
        }
    }
}
