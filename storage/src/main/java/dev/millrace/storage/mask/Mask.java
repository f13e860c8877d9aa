package dev.millrace.storage.mask;

import dev.millrace.config.pipeline.Masking;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.nio.charset.StandardCharsets;

/**
 * Masks values one after another, without garbage. The same value gives the same mask for ever: what is hashed is drawn in {@link CellText},
 * and the way of keeping a format in {@link FormatMask}; neither may change once released. Confined to one thread.
 */
public final class Mask {
    private static final int HASH_CHARACTERS = 64;

    /** One way of masking; appends to an empty {@code out}. */
    interface Method {
        void mask(byte[] text, int offset, int length, MaskBuffer out);
    }

    private final Masking masking;
    private final Method method;
    private final MaskBuffer clear = new MaskBuffer();
    private final MaskBuffer masked = new MaskBuffer();

    private Mask(Masking masking, Method method) {
        this.masking = masking;
        this.method = method;
    }

    public static Mask of(Masking masking) {
        if (masking instanceof Masking.Sha256 sha) {
            return new Mask(masking, HashMask.sha256(sha.salt()));
        } else if (masking instanceof Masking.Hmac hmac) {
            return new Mask(masking, HashMask.hmac(hmac.key()));
        } else if (masking instanceof Masking.KeepLast last) {
            return new Mask(
                    masking, (text, offset, length, out) -> keepLast(last.characters(), text, offset, length, out));
        } else if (masking instanceof Masking.KeepFormat format) {
            return new Mask(masking, new FormatMask(format.key()));
        }
        byte[] replacement = ((Masking.Redact) masking).replacement().getBytes(StandardCharsets.UTF_8);
        return new Mask(masking, (text, offset, length, out) -> out.put(replacement, 0, replacement.length));
    }

    /** Whether values of this type can be masked so: a format or last characters are kept only of what has characters people write. */
    public static boolean fits(Masking masking, Type type) {
        boolean keeps = masking instanceof Masking.KeepLast || masking instanceof Masking.KeepFormat;
        return !keeps
                || switch (type) {
                    case BOOLEAN, FLOAT, DOUBLE, BYTE_ARRAY, LIST, MAP, LIST_MAP -> false;
                    default -> true;
                };
    }

    /** A masked column's type: text, whatever it was; with the length it had where the mask keeps that. */
    public static DataType type(Masking masking, DataType clear) {
        if (masking instanceof Masking.Sha256 || masking instanceof Masking.Hmac) {
            return DataType.text(Type.STRING, HASH_CHARACTERS);
        } else if (masking instanceof Masking.Redact redact) {
            return DataType.text(Type.STRING, Math.max(1, redact.replacement().length()));
        }
        return clear.type() == Type.STRING || clear.type() == Type.CHAR ? clear : DataType.of(Type.STRING);
    }

    /** The masked UTF-8 text, valid until the next call. */
    public MaskBuffer mask(byte[] text, int offset, int length) {
        masked.clear();
        method.mask(text, offset, length, masked);
        return masked;
    }

    /** As {@link #mask(byte[], int, int)}, of text. */
    public String mask(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return mask(utf8, 0, utf8.length).text();
    }

    /**
     * Puts the cell masked, as text; NULL stays NULL, UNCHANGED stays UNCHANGED. {@code out}'s column has the type that {@link #type} tells.
     *
     * @throws IllegalStateException for a type that doesn't fit
     */
    public void put(Cells cells, int column, BatchWriter out) {
        if (cells.isNull(column)) {
            out.putNull();
            return;
        } else if (cells.isUnchanged(column)) {
            out.putUnchanged();
            return;
        }
        maskCell(cells, column);
        out.putBytes(masked.bytes(), 0, masked.length());
    }

    /**
     * The cell, which has a value, masked.
     *
     * @throws IllegalStateException for a type that doesn't fit
     */
    public String mask(Cells cells, int column) {
        maskCell(cells, column);
        return masked.text();
    }

    private void maskCell(Cells cells, int column) {
        Type type = cells.schema().columns().get(column).type();
        if (!fits(masking, type)) {
            throw new IllegalStateException("a " + type + " can't be masked by " + masking);
        }
        switch (type) {
            case CHAR, STRING, BYTE_ARRAY, LIST, MAP, LIST_MAP, FILE_REF ->
                mask(cells.buffer(), cells.bytesOffset(column), cells.bytesLength(column));
            default -> {
                clear.clear();
                CellText.write(cells, column, type, clear);
                mask(clear.bytes(), 0, clear.length());
            }
        }
    }

    private static void keepLast(int characters, byte[] text, int offset, int length, MaskBuffer out) {
        int end = offset + length;
        int keptFrom = end;
        int kept = 0;
        while (keptFrom > offset && kept < characters) {
            keptFrom--;
            kept += isCharacterStart(text[keptFrom]) ? 1 : 0;
        }
        if (keptFrom == offset) {
            keptFrom = end;
        }
        for (int at = offset; at < keptFrom; at++) {
            if (isCharacterStart(text[at])) {
                out.put((byte) '*');
            }
        }
        out.put(text, keptFrom, end - keptFrom);
    }

    private static boolean isCharacterStart(byte utf8) {
        return (utf8 & 0xc0) != 0x80;
    }
}
