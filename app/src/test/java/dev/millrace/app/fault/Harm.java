package dev.millrace.app.fault;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Damages what a stopped installation has on disk, by chance: single files of the log, of the state and beside them, the DuckDB file, and
 * whole folders, which go missing or are replaced by an older copy.
 */
final class Harm {
    private static final int BLOCK = 4_096;
    private static final int SCAN = 1 << 20;

    private final Stage stage;
    private final Path older;
    private final SplittableRandom random;

    /** @param older where {@link #backup} puts the copies */
    Harm(Stage stage, Path older, SplittableRandom random) {
        this.stage = stage;
        this.older = older;
        this.random = random;
    }

    /** Keeps a copy of everything as it is now, in place of the one before. */
    void backup() throws IOException, InterruptedException {
        Shell.delete(older);
        Files.createDirectories(older);
        Shell.copy(stage.data(), older.resolve("data"));
        if (stage.duckdb()) {
            for (Path file : duckdbFiles()) {
                Shell.copy(file, older.resolve(file.getFileName()));
            }
        }
    }

    /** Where an older copy of the data folder is. */
    Path olderData() {
        return older.resolve("data");
    }

    /** Does one thing and says what. */
    String harm() throws IOException, InterruptedException {
        int group = random.nextInt(100);
        if (group < 36) {
            return file(files(stage.data().resolve("log")));
        }
        if (group < 70) {
            return file(files(stage.data().resolve("state").resolve("rocksdb")));
        }
        if (group < 80) {
            return file(beside());
        }
        if (group < 90 || !stage.duckdb()) {
            return folder();
        }
        return file(duckdbFiles());
    }

    /** Flips bits in the latter half of the newest batches. */
    String newestBatches() throws IOException {
        List<Path> newest = new ArrayList<>(files(stage.data().resolve("log")));
        newest.removeIf(file -> !file.toString().endsWith(".cq4"));
        Path file = newest.get(newest.size() - 1);
        long used = used(file);
        return flip(file, used / 2 + random.nextLong(used - used / 2));
    }

    private String folder() throws IOException, InterruptedException {
        String[] parts = {"log", "state", "state/rocksdb", ""};
        String part = parts[random.nextInt(parts.length)];
        Path current = part.isEmpty() ? stage.data() : stage.data().resolve(part);
        Path copy = part.isEmpty() ? olderData() : olderData().resolve(part);
        int way = random.nextInt(5);
        if (way == 0 && Files.exists(stage.data())) {
            Shell.must("chown", "-R", "65534", stage.data().toString());
            return "data folder given to another user";
        }
        Shell.delete(current);
        if (way == 1) {
            return current + " missing";
        }
        Files.createDirectories(current.getParent()); // all of it may be missing by now
        Shell.copy(copy, current);
        return current + " replaced by an older copy";
    }

    private String file(List<Path> files) throws IOException, InterruptedException {
        if (files.isEmpty()) {
            return "nothing: there is no such file yet";
        }
        Path file = files.get(random.nextInt(files.size()));
        return switch (random.nextInt(8)) {
            case 0, 1 -> flip(file);
            case 2 -> truncate(file);
            case 3 -> zero(file, true);
            case 4 -> zero(file, false);
            case 5 -> missing(file);
            case 6 -> old(file);
            default -> random.nextBoolean() ? swap(file, files) : extra(file);
        };
    }

    private String flip(Path file) throws IOException {
        long used = used(file);
        if (used == 0) {
            return extraBytes(file);
        }
        return flip(file, random.nextLong(used));
    }

    private String flip(Path file, long at) throws IOException {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            int bits = 1 + random.nextInt(3);
            for (int i = 0; i < bits; i++) {
                opened.seek(at);
                int before = opened.read();
                opened.seek(at);
                opened.write(before ^ 1 << random.nextInt(8));
            }
            return file + ": bits flipped in byte " + at;
        }
    }

    private String extraBytes(Path file) throws IOException {
        byte[] bytes = new byte[1 + random.nextInt(100)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) random.nextInt();
        }
        Files.write(file, bytes);
        return file + ": " + bytes.length + " bytes of anything";
    }

    private String truncate(Path file) throws IOException {
        long used = used(file);
        long length = used == 0 ? 0 : random.nextLong(used);
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(length);
        }
        return file + ": cut off at " + length + " of " + used;
    }

    private String zero(Path file, boolean toTheEnd) throws IOException {
        long used = used(file);
        if (used == 0) {
            return extraBytes(file);
        }
        long from = random.nextLong(used);
        long start = toTheEnd ? from : from / BLOCK * BLOCK;
        long length = toTheEnd ? used - start : Math.min(BLOCK, used - start);
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.seek(start);
            for (long left = length; left > 0; left -= SCAN) {
                opened.write(new byte[(int) Math.min(left, SCAN)]);
            }
        }
        return file + ": zeros in bytes " + start + " to " + (start + length);
    }

    private static String missing(Path file) throws IOException {
        Files.delete(file);
        return file + " missing";
    }

    private String old(Path file) throws IOException, InterruptedException {
        Path copy = file.startsWith(stage.data())
                ? olderData().resolve(stage.data().relativize(file))
                : older.resolve(file.getFileName());
        if (Files.notExists(copy)) {
            return missing(file);
        }
        Files.delete(file);
        Shell.copy(copy, file);
        return file + " replaced by an older copy";
    }

    private String swap(Path file, List<Path> files) throws IOException {
        Path other = files.get(random.nextInt(files.size()));
        Path between = file.resolveSibling("between");
        Files.move(file, between);
        if (!other.equals(file)) {
            Files.move(other, file);
        }
        Files.move(between, other);
        return file + " and " + other + " swapped";
    }

    private String extra(Path file) throws IOException {
        String name = file.getFileName().toString();
        Path strange = file.resolveSibling(random.nextBoolean() ? "0" + name : name + ".bak");
        Files.copy(file, strange, StandardCopyOption.REPLACE_EXISTING);
        return strange + ": a copy of a file under another name";
    }

    private static List<Path> files(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** The data folder's own small files, and the unpacked library. */
    private List<Path> beside() throws IOException {
        List<Path> found = new ArrayList<>(files(stage.data().resolve("state").resolve("native")));
        for (String name : new String[] {"installation", "lock", "control"}) {
            Path file = stage.data().resolve(name);
            if (Files.exists(file)) {
                found.add(file);
            }
        }
        return found;
    }

    private List<Path> duckdbFiles() throws IOException {
        String name = stage.duckdbFile().getFileName().toString();
        try (Stream<Path> all = Files.list(stage.duckdbFile().getParent())) {
            return all.filter(file -> file.getFileName().toString().startsWith(name) && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        }
    }

    /** Behind its last byte that is not zero: the log's files are made long beforehand. */
    private static long used(Path file) throws IOException {
        byte[] bytes = new byte[SCAN];
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
            for (long end = opened.length(); end > 0; end -= SCAN) {
                int length = (int) Math.min(SCAN, end);
                opened.seek(end - length);
                opened.readFully(bytes, 0, length);
                for (int i = length - 1; i >= 0; i--) {
                    if (bytes[i] != 0) {
                        return end - length + i + 1;
                    }
                }
            }
        }
        return 0;
    }
}
