package dev.millrace.app.benchmark;

import dev.millrace.config.error.MillraceException;
import java.util.Optional;

/**
 * What is measured, and for how long.
 *
 * @param object the object to read; empty: the largest chosen one
 * @param rows the most rows of it
 * @param seconds the most that each measure may take, all its rounds together; its baseline may take as long again
 * @param rounds how often each is repeated, ours and its baseline in turns
 * @param changes also follow changes, for which a scratch table, a slot and a publication are made at the source
 */
public record BenchmarkOptions(Optional<String> object, long rows, int seconds, int rounds, boolean changes) {
    public BenchmarkOptions {
        require(rows >= 1, "--rows has to be at least 1");
        require(seconds >= 1 && seconds <= 3_600, "--seconds has to be 1 to 3600");
        require(rounds >= 1 && rounds <= 9, "--rounds has to be 1 to 9");
    }

    private static void require(boolean good, String problem) {
        if (!good) {
            throw MillraceException.user("ARGUMENTS_INVALID", problem, "", "See 'millrace bench --help'.");
        }
    }
}
