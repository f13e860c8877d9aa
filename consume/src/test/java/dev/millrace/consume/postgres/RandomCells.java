package dev.millrace.consume.postgres;

import dev.millrace.consume.testing.TableFeed.Moment;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Random types, values of them, and a form of a value that is the same in whatever type a destination holds it. Floating numbers are eighths, which
 * every type that they may become writes out whole.
 */
final class RandomCells {
    private static final String LETTERS = "abcäß€ 09'\"\\,;|日𝄞";
    private static final List<List<Type>> LADDERS = List.of(
            List.of(Type.BYTE, Type.SHORT, Type.INTEGER, Type.LONG, Type.DECIMAL, Type.DECIMAL, Type.STRING),
            List.of(Type.BYTE, Type.SHORT, Type.INTEGER, Type.FLOAT, Type.DOUBLE, Type.STRING),
            List.of(Type.DATE, Type.DATETIME, Type.ZONED_DATETIME, Type.STRING),
            List.of(Type.CHAR, Type.STRING, Type.STRING, Type.FILE_REF));

    private static final Pattern MOMENT = Pattern.compile(
            "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?)(Z|[+-]\\d\\d(?::\\d\\d){0,2})?");

    private RandomCells() {}

    /** @param before tends to be followed by a wider one; null for any */
    static DataType type(SplittableRandom random, DataType before) {
        if (before != null && random.nextInt(3) > 0) {
            for (List<Type> ladder : LADDERS) {
                int at = ladder.indexOf(before.type());
                if (at >= 0 && (ladder.indexOf(Type.DATE) >= 0 || random.nextBoolean())) {
                    return parameters(random, ladder.get(at + random.nextInt(ladder.size() - at)));
                }
            }
        }
        Type[] all = Type.values();
        return parameters(random, all[random.nextInt(all.length)]);
    }

    private static DataType parameters(SplittableRandom random, Type type) {
        return switch (type) {
            case CHAR -> DataType.text(type, 5);
            case STRING -> DataType.text(type, random.nextBoolean() ? 0 : 10 + random.nextInt(100));
            case DECIMAL -> {
                int scale = random.nextInt(8);
                yield random.nextInt(4) == 0
                        ? DataType.decimal(0, 0)
                        : DataType.decimal(scale + 1 + random.nextInt(14), scale);
            }
            case TIME, DATETIME, ZONED_DATETIME -> DataType.time(type, 6);
            default -> DataType.of(type);
        };
    }

    /** As {@link dev.millrace.consume.testing.TableFeed#row} takes it. */
    static Object value(SplittableRandom random, DataType type) {
        return switch (type.type()) {
            case BOOLEAN -> random.nextBoolean();
            case BYTE -> whole(random, 8);
            case SHORT -> whole(random, 16);
            case INTEGER -> whole(random, 32);
            case LONG -> whole(random, 64);
            case FLOAT, DOUBLE -> random.nextInt(-1 << 20, 1 << 20) / 8.0;
            case DECIMAL -> decimal(random, type);
            case CHAR -> text(random, 5);
            case STRING -> text(random, random.nextInt(11));
            case FILE_REF -> "s3://bucket/" + random.nextInt(1000);
            case BYTE_ARRAY -> bytes(random);
            case DATE -> (long) random.nextInt(-30_000, 60_000);
            case TIME -> random.nextLong(86_400_000_000L) * 1_000;
            case DATETIME, ZONED_DATETIME ->
                new Moment(random.nextLong(-2_000_000_000L, 4_000_000_000L), random.nextInt(1_000_000) * 1_000);
            case LIST -> "[" + random.nextInt(100) + ",\"" + random.nextInt(100) + "\"]";
            case MAP -> "{\"a\":" + random.nextInt(100) + ",\"b\":null}";
            case LIST_MAP -> "[{\"a\":" + random.nextInt(100) + "}]";
        };
    }

    private static long whole(SplittableRandom random, int bits) {
        long any = random.nextLong() >> (64 - bits);
        return random.nextInt(4) == 0
                ? (random.nextBoolean() ? 1L << (bits - 1) : ~(1L << (bits - 1))) << (64 - bits) >> (64 - bits)
                : any;
    }

    private static BigDecimal decimal(SplittableRandom random, DataType type) {
        int precision = type.precision() == 0 ? 25 : type.precision();
        int scale = type.precision() == 0 ? random.nextInt(20) : type.scale();
        StringBuilder digits = new StringBuilder();
        for (int left = 1 + random.nextInt(precision); left > 0; left--) {
            digits.append((char) ('0' + random.nextInt(10)));
        }
        BigDecimal value = new BigDecimal(new BigInteger(digits.toString()), scale);
        return random.nextBoolean() ? value : value.negate();
    }

    /** Ends in no space, which CHAR may add or lose at a source, not here. */
    private static String text(SplittableRandom random, int length) {
        StringBuilder text = new StringBuilder();
        int[] letters = LETTERS.codePoints().toArray();
        for (int left = length; left > 0; left--) {
            text.appendCodePoint(left == 1 ? 'z' : letters[random.nextInt(letters.length)]);
        }
        return text.toString();
    }

    private static byte[] bytes(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(6)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    /** The form of a value as it was fed. */
    static String canonical(DataType type, Object value) {
        if (value == null) {
            return "∅";
        }
        return switch (type.type()) {
            case FLOAT, DOUBLE -> number(BigDecimal.valueOf((Double) value));
            case DECIMAL -> number((BigDecimal) value);
            case BYTE_ARRAY -> HexFormat.of().formatHex((byte[]) value);
            case DATE -> LocalDate.ofEpochDay((Long) value).toString();
            case TIME -> time(LocalTime.ofNanoOfDay((Long) value).toString());
            case DATETIME, ZONED_DATETIME -> {
                Moment moment = (Moment) value;
                yield moment(LocalDateTime.ofEpochSecond(moment.epochSecond(), moment.nano(), ZoneOffset.UTC)
                        .toString());
            }
            default -> value.toString();
        };
    }

    /** The form of a destination's text of a value that was fed as {@code type}. */
    static String canonicalText(DataType type, String text) {
        if (text.equals("∅")) {
            return text;
        }
        return switch (type.type()) {
            case BYTE, SHORT, INTEGER, LONG, FLOAT, DOUBLE, DECIMAL -> number(new BigDecimal(text));
            case BYTE_ARRAY -> text.replace("\\x", "").toLowerCase(Locale.ROOT);
            case DATE -> moment(text).replace("T00:00:00", "");
            case TIME -> time(text);
            case DATETIME, ZONED_DATETIME -> moment(text);
            case LIST, MAP, LIST_MAP -> text.replace(" ", "");
            default -> text;
        };
    }

    private static String number(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }

    private static String time(String text) {
        String whole = text.length() == 5 ? text + ":00" : text;
        return whole.contains(".") ? whole.replaceAll("0+$", "").replaceAll("\\.$", "") : whole;
    }

    /** Local, or in UTC where there is an offset. */
    private static String moment(String text) {
        Matcher parts = MOMENT.matcher(text.replace(' ', 'T'));
        if (!parts.matches()) {
            return text;
        }
        LocalDateTime local = LocalDateTime.parse(parts.group(1));
        if (parts.group(2) != null && !parts.group(2).equals("Z")) {
            String offset = parts.group(2).length() == 3 ? parts.group(2) + ":00" : parts.group(2);
            local = local.minusSeconds(ZoneOffset.of(offset).getTotalSeconds());
        }
        String date = local.toLocalDate().toString();
        return date + "T" + time(local.toLocalTime().toString());
    }
}
