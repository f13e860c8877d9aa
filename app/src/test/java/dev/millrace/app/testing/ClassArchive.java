package dev.millrace.app.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;

/**
 * This test's classes for child processes, in a form in which they start with about half the processor time: the class path with a jar in
 * place of each folder, and an archive of the classes that the first child to end well had loaded, verified already, which the JVM maps (JEP
 * 350). Children that are started before it is there, or can't use it, load their classes as ever. All of it is in a folder of this process,
 * removed at its end. Thread-safe.
 */
public final class ClassArchive {
    private static ClassArchive shared;

    private final Path folder;
    private final String classPath;
    private boolean begun;
    private Process maker;

    private ClassArchive(Path folder) throws IOException {
        this.folder = folder;
        List<String> places = new ArrayList<>();
        for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(place);
            places.add(Files.isDirectory(path) ? packed(path, places.size()).toString() : place);
        }
        this.classPath = String.join(File.pathSeparator, places);
    }

    /** This process's, made by the first call. */
    public static synchronized ClassArchive shared() throws IOException {
        if (shared == null) {
            Path folder = Files.createTempDirectory("millrace-classes-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder), "delete-class-archive"));
            shared = new ClassArchive(folder);
        }
        return shared;
    }

    /** For {@code -cp}. */
    public String classPath() {
        return classPath;
    }

    /** JVM flags of a child that uses the archive where there is one. */
    public synchronized List<String> flags() throws IOException {
        takeWhatIsMade();
        return Files.exists(file())
                ? List.of("-Xshare:auto", "-Xlog:cds*=off", "-XX:SharedArchiveFile=" + file())
                : List.of();
    }

    /** One child may make the archive, and is told by these flags; empty when that was left to another. Its process goes to {@link #madeBy}. */
    public synchronized Optional<List<String>> toMake() throws IOException {
        takeWhatIsMade();
        if (begun) {
            return Optional.empty();
        }
        begun = true;
        return Optional.of(List.of("-Xlog:cds*=off", "-XX:ArchiveClassesAtExit=" + unfinished()));
    }

    /** The archive is used from when that child has ended well; else another may make it. */
    public synchronized void madeBy(Process child) {
        maker = child;
    }

    private void takeWhatIsMade() throws IOException {
        if (maker != null && !maker.isAlive()) {
            begun = maker.exitValue() == 0;
            maker = null;
            if (begun && Files.exists(unfinished())) {
                Files.move(unfinished(), file(), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private Path file() {
        return folder.resolve("millrace.jsa");
    }

    private Path unfinished() {
        return folder.resolve("unfinished.jsa");
    }

    private Path packed(Path classes, int number) throws IOException {
        Path jar = folder.resolve(number + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            packed.setLevel(Deflater.NO_COMPRESSION);
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                packed.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, packed);
            }
        }
        return jar;
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
