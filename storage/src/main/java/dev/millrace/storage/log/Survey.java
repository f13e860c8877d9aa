package dev.millrace.storage.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Walks a topic's files before anything is appended and tells how far they can be trusted. All excerpts' headers are checked for framing,
 * sequence and chain; payloads are checked by their CRC when the files have no more than {@link #WHOLE_BYTES}, else only behind the
 * checkpoint (readers check every payload again). Where the walk ends, what follows is searched for later batches, whose headers say what
 * had been durable: if nothing durable is missing the rest is a crash's torn tail and does not count, else it is damage. Confined to one
 * thread.
 */
final class Survey {
    /**
     * What was found.
     *
     * @param files with batches that count, oldest first
     * @param lastIndex the last batch that counts, or the last index that is used up
     * @param highestSeen no index up to this may be given again
     * @param newestFolder the newest generation's number, 0 none
     * @param torn what was cut off behind {@code lastIndex}, null nothing
     */
    record Result(
            List<LogFile> files,
            long lastIndex,
            int lastCrc,
            long highestSeen,
            int newestFolder,
            Optional<LogDamage> damage,
            String torn) {}

    private static final long WHOLE_BYTES = 1L << 30;
    private static final int TAIL_BYTES = Envelope.MAX_PART_BYTES + (1 << 20);

    private final Path topicFolder;
    private final Optional<Checkpoint> checkpoint;
    private final ExcerptReader excerpts = new ExcerptReader();
    private final List<LogFile> files = new ArrayList<>();

    private boolean anchored;
    private long lastIndex;
    private int lastCrc;
    private long lastKnown;
    private long highestSeen;
    private boolean verifyAll;

    private String problem;
    private Path problemFile;
    private long problemAt;
    private Path tailFile;
    private long tailAt;

    Survey(Path topicFolder, Optional<Checkpoint> checkpoint) {
        this.topicFolder = topicFolder;
        this.checkpoint = checkpoint;
        this.lastIndex = checkpoint.map(Checkpoint::deletedThrough).orElse(0L);
        this.lastKnown = checkpoint.map(Checkpoint::lastIndex).orElse(0L);
    }

    Result run() throws IOException {
        List<Path> folders = Generation.folders(topicFolder);
        List<Optional<Generation>> generations = new ArrayList<>();
        long bytes = 0;
        for (Path folder : folders) {
            generations.add(Generation.read(folder));
            for (Path file : Generation.files(folder)) {
                bytes += Files.size(file);
            }
        }
        verifyAll = bytes <= WHOLE_BYTES;
        for (Optional<Generation> generation : generations) {
            lastKnown = Math.max(lastKnown, generation.map(Generation::follows).orElse(0L));
            highestSeen =
                    Math.max(highestSeen, generation.map(Generation::firstIndex).orElse(1L) - 1);
        }
        for (int i = 0; i < folders.size() && problem == null; i++) {
            long bound = bound(generations, i);
            if (bound <= lastIndex) {
                continue;
            }
            if (generations.get(i).isEmpty()) {
                fail(folders.get(i), 0, "its start is missing or damaged");
            } else if (reaches(generations.get(i).get(), bound)) {
                walk(generations.get(i).get(), bound);
            }
        }
        searchBeyond(folders);
        int newest = folders.isEmpty() ? 0 : Generation.number(folders.get(folders.size() - 1));
        highestSeen = Math.max(highestSeen, Math.max(lastKnown, lastIndex));
        return new Result(
                files, lastIndex, lastCrc, highestSeen, newest, damage(), problem == null ? null : describe());
    }

    /** Batches of generation {@code i} count up to here: the next ones begin behind it. */
    private static long bound(List<Optional<Generation>> generations, int i) {
        return generations.stream()
                .skip(i + 1L)
                .flatMap(Optional::stream)
                .mapToLong(Generation::follows)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** Whether it has something that counts: a batch, or only the restart that has used up the indexes before its first one. */
    private static boolean reaches(Generation generation, long bound) {
        return generation.firstIndex() - (generation.restart() ? 1 : 0) <= bound;
    }

    private Optional<LogDamage> damage() {
        if (lastKnown <= lastIndex) {
            return Optional.empty();
        }
        String detail = problem != null
                ? describe()
                : "the log ends with batch " + lastIndex + " although more had been durable";
        return Optional.of(new LogDamage(lastIndex, lastKnown, problem == null ? topicFolder : problemFile, detail));
    }

    private String describe() {
        return problem + " (" + problemFile + ", byte " + problemAt + ")";
    }

    private void walk(Generation generation, long bound) throws IOException {
        if (lastIndex < generation.follows() && (anchored || checkpoint.isPresent())) {
            fail(
                    generation.folder(),
                    0,
                    "it goes on behind batch " + generation.follows() + " but the log before it ends with "
                            + lastIndex);
            return;
        }
        boolean trimmed = !anchored && lastIndex >= generation.firstIndex();
        if (generation.restart()) {
            anchored = anchored || !trimmed;
        }
        if (generation.restart() || !anchored && checkpoint.isEmpty()) {
            lastIndex = Math.max(lastIndex, generation.firstIndex() - 1);
        }
        lastCrc = generation.previousCrc();
        boolean first = true;
        for (Path path : Generation.files(generation.folder())) {
            if (problem != null || lastIndex >= bound) {
                return;
            }
            walkFile(path, generation, bound, first);
            first = false;
        }
    }

    private void walkFile(Path path, Generation generation, long bound, boolean first) throws IOException {
        LogFile file = new LogFile(path, generation);
        try (ExcerptCursor cursor = new ExcerptCursor(path)) {
            excerpts.start(lastIndex, lastCrc);
            while (problem == null && lastIndex < bound) {
                ExcerptCursor.Step step = cursor.next();
                if (step != ExcerptCursor.Step.EXCERPT) {
                    endOfWalk(cursor, step);
                    break;
                }
                takeExcerpt(cursor, file, generation, first);
            }
        }
        if (file.firstIndex() != 0) {
            files.add(file);
        }
    }

    private void endOfWalk(ExcerptCursor cursor, ExcerptCursor.Step step) {
        if (step == ExcerptCursor.Step.END && !excerpts.withinBatch()) {
            tailFile = cursor.path();
            tailAt = cursor.position();
        } else {
            fail(
                    cursor.path(),
                    cursor.position(),
                    step == ExcerptCursor.Step.BAD ? "a length word is wrong" : "a batch is not finished");
        }
    }

    private void takeExcerpt(ExcerptCursor cursor, LogFile file, Generation generation, boolean first)
            throws IOException {
        boolean verify =
                verifyAll || lastIndex >= checkpoint.map(Checkpoint::lastIndex).orElse(0L);
        if (!anchored && file.firstIndex() == 0 && !excerpts.withinBatch()) {
            anchor(cursor, generation, first);
        }
        String wrong = excerpts.take(cursor, verify);
        Envelope envelope = excerpts.envelope();
        if (wrong == null
                && envelope.lastPart()
                && checkpoint.isPresent()
                && checkpoint.get().lastCrc() != 0
                && envelope.index() == checkpoint.get().lastIndex()
                && envelope.crc() != checkpoint.get().lastCrc()) {
            wrong = "batch " + envelope.index() + " is another one than was written last";
        }
        if (wrong != null) {
            fail(cursor.path(), cursor.wordAt(), wrong);
            return;
        }
        if (envelope.lastPart()) {
            anchored = true;
            lastIndex = envelope.index();
            lastCrc = envelope.crc();
            lastKnown = Math.max(lastKnown, envelope.durableIndex());
            file.add(lastIndex, excerpts.batchAt(), cursor.position(), envelope.createdAtMillis());
        }
    }

    /** The first batch there is: older ones were deleted, so its own word is taken for where the chain begins, within what was deleted. */
    private void anchor(ExcerptCursor cursor, Generation generation, boolean first) throws IOException {
        if (!excerpts.peek(cursor)) {
            return;
        }
        long index = excerpts.envelope().index();
        if (first && index == generation.firstIndex()) {
            excerpts.start(index - 1, generation.previousCrc());
        } else if (checkpoint.isEmpty() ? index >= generation.firstIndex() : index <= lastIndex + 1) {
            excerpts.start(index - 1, excerpts.envelope().previousCrc());
        }
    }

    private void fail(Path file, long at, String what) {
        problem = what;
        problemFile = file;
        problemAt = at;
    }

    /** Looks behind the end of the walk for batches that say more had been durable. */
    private void searchBeyond(List<Path> folders) throws IOException {
        if (problem == null) {
            if (tailFile != null) {
                search(tailFile, tailAt, tailAt + TAIL_BYTES);
            }
            return;
        }
        Path from = Files.isDirectory(problemFile) ? problemFile : problemFile.getParent();
        for (Path folder : folders) {
            if (folder.compareTo(from) < 0) {
                continue;
            }
            for (Path file : Generation.files(folder)) {
                if (file.compareTo(problemFile) >= 0) {
                    search(file, file.equals(problemFile) ? problemAt : 0, Long.MAX_VALUE);
                }
            }
        }
    }

    private void search(Path path, long from, long to) throws IOException {
        byte[] block = new byte[1 << 20];
        try (ExcerptCursor cursor = new ExcerptCursor(path)) {
            long end = Math.min(to, cursor.fileLength());
            for (long at = from & ~3L; at < end; at += block.length) {
                int length = (int) Math.min(block.length, end - at);
                cursor.readAt(at, block, 0, length);
                for (int i = 0; i + 3 < length; i += 4) {
                    if (block[i] == 'M'
                            && block[i + 1] == 'R'
                            && block[i + 2] == 'B'
                            && block[i + 3] == '1'
                            && excerpts.intactAt(cursor, at + i)) {
                        highestSeen = Math.max(highestSeen, excerpts.envelope().index());
                        lastKnown = Math.max(lastKnown, excerpts.envelope().durableIndex());
                    }
                }
            }
        }
    }
}
