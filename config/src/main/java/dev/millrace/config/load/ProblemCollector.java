package dev.millrace.config.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** Gathers the problems of one file, at most {@value #MOST} of them. Confined to the loading thread. */
final class ProblemCollector {
    private static final int MOST = 200;

    private final Path file;
    private final List<Problem> problems = new ArrayList<>();
    /** Of other files that this one refers to. */
    private final List<Problem> taken = new ArrayList<>();

    private int left;

    ProblemCollector(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    void error(int line, int column, String code, String message, String suggestion) {
        add(new Problem(file, line, column, Problem.Severity.ERROR, code, printable(message), printable(suggestion)));
    }

    void error(Mark mark, String code, String message, String suggestion) {
        error(mark.getLine() + 1, mark.getColumn() + 1, code, message, suggestion);
    }

    void error(Node place, String code, String message, String suggestion) {
        place.getStartMark()
                .ifPresentOrElse(
                        mark -> error(mark, code, message, suggestion), () -> error(1, 1, code, message, suggestion));
    }

    void warning(Node place, String code, String message, String suggestion) {
        Mark mark = place.getStartMark().orElse(null);
        int line = mark == null ? 1 : mark.getLine() + 1;
        int column = mark == null ? 1 : mark.getColumn() + 1;
        add(new Problem(file, line, column, Problem.Severity.WARNING, code, printable(message), printable(suggestion)));
    }

    /** A problem of another file that this one refers to. */
    void take(Problem problem) {
        taken.add(problem);
    }

    boolean hasErrors() {
        return Stream.concat(problems.stream(), taken.stream())
                .anyMatch(problem -> problem.severity() == Problem.Severity.ERROR);
    }

    /** In the order of the file, behind those of files that it refers to. */
    List<Problem> all() {
        List<Problem> own = new ArrayList<>(problems);
        own.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
        List<Problem> all = new ArrayList<>(taken);
        all.addAll(own);
        if (left > 0) {
            String message = "and " + left + " more problems, not shown";
            all.add(new Problem(
                    file, 1, 1, Problem.Severity.ERROR, "MORE_PROBLEMS", message, "Mend those above first."));
        }
        return all;
    }

    private void add(Problem problem) {
        if (problems.size() < MOST) {
            problems.add(problem);
        } else {
            left++;
        }
    }

    /** Keys and values come from the file: no line breaks and no escape sequences for a terminal. */
    private static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}\u2028\u2029]", " ");
    }
}
