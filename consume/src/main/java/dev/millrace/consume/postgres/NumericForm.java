package dev.millrace.consume.postgres;

import dev.millrace.storage.batch.Special;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * A numeric in binary form, as {@code numeric_recv} in PostgreSQL's src/backend/utils/adt/numeric.c takes it:
 *
 * <pre>
 * 2  number of digits of base 10,000
 * 2  weight: the power of 10,000 of the first of them
 * 2  sign: 0 positive, 0x4000 negative, 0xc000 NaN, 0xd000 infinity, 0xf000 -infinity
 * 2  decimal digits behind the point to be shown
 * 2  each digit
 * </pre>
 *
 * Confined to one thread.
 */
final class NumericForm {
    private static final int NEGATIVE = 0x4000;
    private static final int NAN = 0xc000;
    private static final int POSITIVE_INFINITY = 0xd000;
    private static final int NEGATIVE_INFINITY = 0xf000;
    private static final int MAX_SCALE = 16_383;
    private static final int MAX_WHOLE_DIGITS = 131_072;
    private static final long[] TENS = {1, 10, 100, 1000, 10_000};

    /** The digits of a long with any scale below {@link #SMALL_SCALE}, lowest first. */
    private final short[] digits = new short[16];

    /** The greatest scale that {@link #putSmall} takes. */
    static final int SMALL_SCALE = 36;

    static void putSpecial(Special value, CopyStream out) {
        out.putInt(8);
        out.putInt(0);
        out.putShort(
                switch (value) {
                    case NAN -> NAN;
                    case POSITIVE_INFINITY -> POSITIVE_INFINITY;
                    case NEGATIVE_INFINITY -> NEGATIVE_INFINITY;
                });
        out.putShort(0);
    }

    /** {@code unscaled × 10^-scale}, with {@code scale} in 0 to {@link #SMALL_SCALE} and {@code unscaled} not the least long. */
    void putSmall(long unscaled, int scale, CopyStream out) {
        long rest = Math.abs(unscaled);
        int fractionGroups = (scale + 3) >> 2;
        int count = 0;
        int pad = (fractionGroups << 2) - scale;
        if (pad > 0) {
            long divisor = TENS[4 - pad];
            digits[count++] = (short) (rest % divisor * TENS[pad]);
            rest /= divisor;
        }
        while (rest != 0) {
            digits[count++] = (short) (rest % 10_000);
            rest /= 10_000;
        }
        int lowest = 0;
        while (lowest < count && digits[lowest] == 0) {
            lowest++;
        }
        while (count > lowest && digits[count - 1] == 0) {
            count--;
        }
        int sent = count - lowest;
        out.putInt(8 + 2 * sent);
        out.putShort(sent);
        out.putShort(sent == 0 ? 0 : count - 1 - fractionGroups);
        out.putShort(unscaled < 0 ? NEGATIVE : 0);
        out.putShort(scale);
        for (int i = count - 1; i >= lowest; i--) {
            out.putShort(digits[i]);
        }
    }

    /**
     * Any finite number.
     *
     * @return null, or why PostgreSQL can't hold it (nothing was written then)
     */
    static String putBig(BigDecimal given, CopyStream out) {
        if (given.scale() > MAX_SCALE) {
            return "it has " + given.scale() + " digits behind the point; PostgreSQL keeps at most " + MAX_SCALE;
        }
        if ((long) given.precision() - given.scale() > MAX_WHOLE_DIGITS) {
            return "it has more than " + MAX_WHOLE_DIGITS + " digits before the point";
        }
        BigDecimal value = given.scale() < 0 ? given.setScale(0, RoundingMode.UNNECESSARY) : given;
        int scale = value.scale();
        String text = value.unscaledValue().abs().toString();
        int fractionGroups = (scale + 3) >> 2;
        int wholeDigits = Math.max(0, text.length() - scale);
        int wholeGroups = (wholeDigits + 3) >> 2;
        // place p counts decimal places from the highest group's first digit; text begins at this place
        int begin = wholeDigits > 0 ? (wholeGroups << 2) - wholeDigits : scale - text.length();
        int groups = wholeGroups + fractionGroups;
        short[] all = new short[groups];
        for (int i = 0; i < text.length(); i++) {
            int place = begin + i;
            all[place >> 2] += (short) ((text.charAt(i) - '0') * TENS[3 - (place & 3)]);
        }
        int first = 0;
        while (first < groups && all[first] == 0) {
            first++;
        }
        int last = groups;
        while (last > first && all[last - 1] == 0) {
            last--;
        }
        int sent = last - first;
        out.putInt(8 + 2 * sent);
        out.putShort(sent);
        out.putShort(sent == 0 ? 0 : wholeGroups - 1 - first);
        out.putShort(value.signum() < 0 ? NEGATIVE : 0);
        out.putShort(scale);
        for (int i = first; i < last; i++) {
            out.putShort(all[i]);
        }
        return null;
    }
}
