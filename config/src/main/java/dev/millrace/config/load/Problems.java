package dev.millrace.config.load;

import java.util.List;
import java.util.stream.Collectors;

/** Everything that was found in the files of one load, in file order; empty when all is well. */
public record Problems(List<Problem> list) {
    public Problems {
        list = List.copyOf(list);
    }

    /** Whether anything keeps the files from being used. */
    public boolean hasErrors() {
        return list.stream().anyMatch(problem -> problem.severity() == Problem.Severity.ERROR);
    }

    public List<Problem> errors() {
        return list.stream()
                .filter(problem -> problem.severity() == Problem.Severity.ERROR)
                .toList();
    }

    public List<Problem> warnings() {
        return list.stream()
                .filter(problem -> problem.severity() == Problem.Severity.WARNING)
                .toList();
    }

    /** One line each, without a line break at the end. */
    public String text() {
        return list.stream().map(Problem::text).collect(Collectors.joining("\n"));
    }
}
