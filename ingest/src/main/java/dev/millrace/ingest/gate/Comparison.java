package dev.millrace.ingest.gate;

import dev.millrace.config.pipeline.Condition;
import dev.millrace.config.pipeline.Condition.Operator;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Type;
import java.util.Optional;

/** A condition made ready for one column of a known type. Immutable. */
final class Comparison {
    /** Whether a row passes; UNKNOWN where that depends on a cell that is UNCHANGED. */
    enum Outcome {
        PASSES,
        FAILS,
        UNKNOWN
    }

    private final int column;
    private final Operator operator;
    private final Literal[] literals;

    private Comparison(int column, Operator operator, Literal[] literals) {
        this.column = column;
        this.operator = operator;
        this.literals = literals;
    }

    /** Why the condition can't be used on a column of this type; empty when it can. */
    static Optional<String> refusal(Condition condition, Type type) {
        boolean ordered =
                switch (condition.operator()) {
                    case LESS, AT_MOST, GREATER, AT_LEAST -> true;
                    default -> false;
                };
        if (ordered && type == Type.BOOLEAN) {
            return Optional.of("a BOOLEAN is neither greater nor less");
        }
        for (String value : condition.values()) {
            if (Literal.of(value, type).isEmpty()) {
                return Optional.of(Literal.expected(type));
            }
        }
        return Optional.empty();
    }

    /** For a condition that was not refused. */
    static Comparison of(Condition condition, int column, Type type) {
        return new Comparison(
                column,
                condition.operator(),
                condition.values().stream()
                        .map(value -> Literal.of(value, type).orElseThrow())
                        .toArray(Literal[]::new));
    }

    int column() {
        return column;
    }

    Outcome of(Cells cells) {
        if (cells.isUnchanged(column)) {
            return Outcome.UNKNOWN;
        }
        boolean isNull = cells.isNull(column);
        boolean passes =
                switch (operator) {
                    case IS_NULL -> isNull;
                    case IS_NOT_NULL -> !isNull;
                    default -> !isNull && compares(cells);
                };
        return passes ? Outcome.PASSES : Outcome.FAILS;
    }

    private boolean compares(Cells cells) {
        for (Literal literal : literals) {
            int order = literal.compare(cells, column);
            if (order == Literal.INCOMPARABLE) {
                return operator == Operator.NOT_EQUAL;
            }
            boolean holds =
                    switch (operator) {
                        case EQUAL, IN -> order == 0;
                        case NOT_EQUAL -> order != 0;
                        case LESS -> order < 0;
                        case AT_MOST -> order <= 0;
                        case GREATER -> order > 0;
                        case AT_LEAST -> order >= 0;
                        case IS_NULL, IS_NOT_NULL -> throw new IllegalStateException(operator + " compares nothing");
                    };
            if (holds) {
                return true;
            }
        }
        return false;
    }
}
