package dev.millrace.config.pipeline;

import java.util.List;
import java.util.Objects;

/**
 * One comparison of a column with what stands in a definition. It is true or it isn't; a comparison with NULL isn't, as in SQL.
 *
 * @param column as the source spells it
 * @param values as written, without quotes: one, several for IN, none for IS_NULL and IS_NOT_NULL
 */
public record Condition(String column, Operator operator, List<String> values) {
    /** How it compares. */
    public enum Operator {
        EQUAL("="),
        NOT_EQUAL("!="),
        LESS("<"),
        AT_MOST("<="),
        GREATER(">"),
        AT_LEAST(">="),
        IN("in"),
        IS_NULL("is null"),
        IS_NOT_NULL("is not null");

        private final String sign;

        Operator(String sign) {
            this.sign = sign;
        }

        /** As it is written. */
        public String sign() {
            return sign;
        }
    }

    public Condition {
        Objects.requireNonNull(column);
        Objects.requireNonNull(operator);
        values = List.copyOf(values);
        boolean fits =
                switch (operator) {
                    case IN -> !values.isEmpty();
                    case IS_NULL, IS_NOT_NULL -> values.isEmpty();
                    default -> values.size() == 1;
                };
        if (!fits) {
            throw new IllegalArgumentException(operator + " with " + values.size() + " values");
        }
    }

    @Override
    public String toString() {
        String quoted = "\"" + column.replace("\"", "\"\"") + "\" " + operator.sign();
        return switch (operator) {
            case IS_NULL, IS_NOT_NULL -> quoted;
            case IN ->
                quoted + " ("
                        + String.join(", ", values.stream().map(Condition::text).toList()) + ")";
            default -> quoted + " " + text(values.get(0));
        };
    }

    private static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }
}
