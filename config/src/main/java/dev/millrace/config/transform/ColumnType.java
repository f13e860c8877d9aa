package dev.millrace.config.transform;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A column's type as steps name it.
 *
 * @param length the most characters of a STRING, 0 unbounded
 * @param precision the most digits of a DECIMAL, 0 unbounded
 * @param scale digits behind the point of a DECIMAL with a precision
 */
public record ColumnType(Name name, int length, int precision, int scale) {
    private static final Pattern FORM =
            Pattern.compile("([a-z_]+)(?:\\(\\s*(\\d{1,7})\\s*(?:,\\s*(\\d{1,4})\\s*)?\\))?");

    /** The words. JSON is any JSON value. */
    public enum Name {
        BOOLEAN,
        BYTE,
        SHORT,
        INTEGER,
        LONG,
        FLOAT,
        DOUBLE,
        DECIMAL,
        STRING,
        DATE,
        TIME,
        DATETIME,
        ZONED_DATETIME,
        JSON
    }

    public static final ColumnType STRING = new ColumnType(Name.STRING, 0, 0, 0);

    /** {@code integer}, {@code string(40)}, {@code decimal(12,2)}; empty when it is none. */
    public static Optional<ColumnType> of(String text) {
        Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!form.matches()) {
            return Optional.empty();
        }
        Optional<Name> name = Stream.of(Name.values())
                .filter(each -> word(each).equals(form.group(1)))
                .findFirst();
        int first = form.group(2) == null ? 0 : Integer.parseInt(form.group(2));
        int second = form.group(3) == null ? 0 : Integer.parseInt(form.group(3));
        return name.filter(each -> fits(each, form.group(2) != null, first, form.group(3) != null, second))
                .map(each -> each == Name.STRING
                        ? new ColumnType(each, first, 0, 0)
                        : new ColumnType(each, 0, first, second));
    }

    private static boolean fits(Name name, boolean hasFirst, int first, boolean hasSecond, int second) {
        return switch (name) {
            case STRING -> !hasSecond && (!hasFirst || first > 0);
            case DECIMAL -> !hasFirst || first > 0 && second <= first;
            default -> !hasFirst;
        };
    }

    /** Every word, for suggestions. */
    public static String known() {
        return Stream.of(Name.values()).map(ColumnType::word).collect(Collectors.joining(", "));
    }

    private static String word(Name name) {
        return name.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        String parameters = length > 0 ? "(" + length + ")" : precision > 0 ? "(" + precision + "," + scale + ")" : "";
        return word(name) + parameters;
    }
}
