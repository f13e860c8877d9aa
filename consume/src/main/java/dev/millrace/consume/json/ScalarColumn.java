package dev.millrace.consume.json;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;

/**
 * A column that was learned of documents: a path's plain values, or its JSON. Its type only grows: nothing (BOOLEAN until it is known better),
 * BOOLEAN or LONG, then DECIMAL for numbers, then STRING for anything. Under its shape's lock.
 */
final class ScalarColumn {
    /** Ordinals are stored: only ever append. */
    enum Kind {
        BOOLEAN,
        WHOLE,
        DECIMAL,
        TEXT,
        JSON
    }

    private static final int LONG_DIGITS = 19;
    private static final int MOST_DIGITS = 1_000;
    private static final int[] WHOLE_STEPS = {9, LONG_DIGITS, 24};
    private static final int[] SCALE_STEPS = {2, 6, 12};

    final String name;
    /** Its place among its table's learned columns. */
    final int place;

    Kind kind;
    /** Digits before and behind the point of a DECIMAL; -1 both where they are unbounded. */
    int whole;

    int scale;

    ScalarColumn(String name, int place, Kind kind, int whole, int scale) {
        this.name = name;
        this.place = place;
        this.kind = kind;
        this.whole = whole;
        this.scale = scale;
    }

    static ScalarColumn of(String name, int place, JsonValue first) {
        ScalarColumn column = new ScalarColumn(name, place, kind(first), 0, 0);
        column.accept(first);
        return column;
    }

    /** Makes it hold such values too; whether it had to change. */
    boolean accept(JsonValue value) {
        Kind now = kind(value);
        Kind joined = join(kind, now);
        boolean changed = joined != kind;
        if (joined == Kind.DECIMAL && kind == Kind.WHOLE) {
            grow(LONG_DIGITS, 0);
        }
        kind = joined;
        if (kind == Kind.DECIMAL && value instanceof JsonValue.Numeral number) {
            BigDecimal decimal = decimal(number);
            changed |= grow(decimal.precision() - decimal.scale(), decimal.scale());
        }
        return changed;
    }

    private boolean grow(int wholeDigits, int scaleDigits) {
        if (whole < 0) {
            return false;
        }
        int newWhole = Math.max(whole, step(wholeDigits, WHOLE_STEPS));
        int newScale = Math.max(scale, step(scaleDigits, SCALE_STEPS));
        if (newWhole == whole && newScale == scale) {
            return false;
        }
        boolean unbounded = newWhole == Integer.MAX_VALUE || newScale == Integer.MAX_VALUE;
        whole = unbounded ? -1 : newWhole;
        scale = unbounded ? -1 : newScale;
        return true;
    }

    /** A column is not widened for each digit more. */
    private static int step(int digits, int[] steps) {
        for (int step : steps) {
            if (digits <= step) {
                return step;
            }
        }
        return Integer.MAX_VALUE;
    }

    private static Kind join(Kind one, Kind other) {
        if (one == other) {
            return one;
        }
        boolean numbers = one != Kind.BOOLEAN
                && other != Kind.BOOLEAN
                && one.compareTo(Kind.TEXT) < 0
                && other.compareTo(Kind.TEXT) < 0;
        return numbers ? Kind.DECIMAL : Kind.TEXT;
    }

    private static Kind kind(JsonValue value) {
        if (value instanceof JsonValue.Literal) {
            return Kind.BOOLEAN;
        } else if (value instanceof JsonValue.Text) {
            return Kind.TEXT;
        } else if (value instanceof JsonValue.Numeral number) {
            return kind(number.text());
        }
        return Kind.JSON;
    }

    private static Kind kind(String number) {
        boolean plain = number.chars().allMatch(c -> c == '-' || c >= '0' && c <= '9');
        if (plain && number.length() < LONG_DIGITS) {
            return Kind.WHOLE;
        }
        if (number.length() > MOST_DIGITS) {
            return Kind.TEXT;
        }
        try {
            BigDecimal value = new BigDecimal(number);
            boolean sane = Math.abs((long) value.scale()) <= MOST_DIGITS;
            if (plain && value.toBigInteger().bitLength() < Long.SIZE) {
                return Kind.WHOLE;
            }
            return sane ? Kind.DECIMAL : Kind.TEXT;
        } catch (NumberFormatException exponentBeyondInt) {
            return Kind.TEXT;
        }
    }

    private static BigDecimal decimal(JsonValue.Numeral number) {
        BigDecimal value = new BigDecimal(number.text());
        return value.scale() < 0 ? value.setScale(0) : value;
    }

    Column column() {
        DataType type =
                switch (kind) {
                    case BOOLEAN -> DataType.of(Type.BOOLEAN);
                    case WHOLE -> DataType.of(Type.LONG);
                    case DECIMAL -> whole < 0 ? DataType.decimal(0, 0) : DataType.decimal(whole + scale, scale);
                    case TEXT -> DataType.of(Type.STRING);
                    case JSON -> DataType.of(Type.MAP);
                };
        return new Column(name, type, true, 0, "json", 0);
    }

    /** Puts a value that was accepted; null is NULL. */
    void put(JsonValue value, BatchWriter row) {
        if (value == null) {
            row.putNull();
            return;
        }
        switch (kind) {
            case BOOLEAN -> row.putBoolean(value == JsonValue.Literal.TRUE);
            case WHOLE -> row.putLong(Long.parseLong(((JsonValue.Numeral) value).text()));
            case DECIMAL -> row.putDecimal(decimal((JsonValue.Numeral) value));
            case TEXT -> row.putString(value instanceof JsonValue.Text text ? text.text() : value.json());
            case JSON -> {
                byte[] json = value.utf8();
                row.putBytes(json, 0, json.length);
            }
        }
    }
}
