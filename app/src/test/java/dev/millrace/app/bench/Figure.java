package dev.millrace.app.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One line of the table: which measurements make it, and what it should reach.
 *
 * @param letter it is chosen by
 * @param unit of the number
 * @param number of the measurements' numbers
 * @param baseline null where the number stands alone
 * @param how the baseline makes the value
 * @param reach {@link Double#NaN} where the figure is only shown
 */
record Figure(
        String letter, String title, String unit, String number, String ours, String baseline, How how, double reach) {
    /** What the value is, and whether more of it is better. */
    enum How {
        /** A rate, ours by the baseline's: as fast as it is 1, more is better. */
        SPEED,
        /** Ours by the baseline's: less is better. */
        COST,
        /** Ours as it is: less is better. */
        VALUE
    }

    /**
     * What came out: medians over the rounds.
     *
     * @param baseline NaN without one
     * @param value of the rounds' values, each against the baseline of its own round, the median
     * @param met empty where nothing has to be reached
     */
    record Outcome(double ours, double baseline, double value, double lowest, double highest, Optional<Boolean> met) {}

    /** Empty when it was not measured. */
    Optional<Outcome> of(Measurements measurements) {
        List<Double> mine = measurements.values(ours, number);
        List<Double> theirs = baseline == null ? List.of() : measurements.values(baseline, number);
        int rounds = baseline == null ? mine.size() : Math.min(mine.size(), theirs.size());
        if (rounds == 0) {
            return Optional.empty();
        }
        List<Double> values = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            double own = mine.get(round);
            values.add(
                    switch (how) {
                        case SPEED, COST -> own / theirs.get(round);
                        case VALUE -> own;
                    });
        }
        values.sort(null);
        double value = median(values);
        return Optional.of(new Outcome(
                median(mine),
                theirs.isEmpty() ? Double.NaN : median(theirs),
                value,
                values.get(0),
                values.get(rounds - 1),
                Double.isNaN(reach)
                        ? Optional.empty()
                        : Optional.of(how == How.SPEED ? value >= reach : value <= reach)));
    }

    /** The same with what another has beside it. */
    Figure beside(String other) {
        return new Figure(letter, title, unit, number, ours, other, how, reach);
    }

    static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
