package dev.millrace.storage.batch;

import java.util.Arrays;
import java.util.List;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/** Compresses a raw body where that saves an eighth or more, and undoes it. The scratch array is reused; confined to one thread. */
final class BodyCodec {
    private static final int WORTH_TRYING_BYTES = 64;
    private static final int KEPT_BYTES = 16 << 20;

    /** One LZ4 byte stands for at most 255. */
    private static final long MAX_EXPANSION = 255;

    private static final LZ4Factory LZ4 = LZ4Factory.fastestInstance();

    private byte[] scratch = new byte[0];

    /** The batch of {@code raw}; where outsize bytes are lent to it, it isn't compressed, and they are lent to the batch. */
    EncodedBatch encode(BatchHeader header, Bytes raw) {
        if (!raw.lent().isEmpty()) {
            return plain(header, raw);
        }
        byte[] body = encode(raw.array(), raw.size());
        return new EncodedBatch(header, body, body.length);
    }

    /** The body for {@code raw}'s first {@code length} bytes: codec byte, then the bytes. */
    byte[] encode(byte[] raw, int length) {
        if (length >= WORTH_TRYING_BYTES) {
            int most = LZ4.fastCompressor().maxCompressedLength(length) + 1;
            if (scratch.length < most) {
                scratch = new byte[most];
            }
            int compressed = LZ4.fastCompressor().compress(raw, 0, length, scratch, 1, most - 1);
            if (compressed <= length - (length >>> 3)) {
                scratch[0] = BatchFormat.CODEC_LZ4;
                byte[] body = Arrays.copyOf(scratch, compressed + 1);
                letGo();
                return body;
            }
            letGo();
        }
        return plain(raw, length);
    }

    /** The batch of {@code raw} as it is, with what is lent to it. */
    static EncodedBatch plain(BatchHeader header, Bytes raw) {
        List<EncodedBatch.Lent> lent = raw.lent().stream()
                .map(piece -> new EncodedBatch.Lent(piece.at() + 1, piece.array(), piece.offset(), piece.length()))
                .toList();
        return new EncodedBatch(header, plain(raw.array(), raw.size()), raw.length() + 1, lent);
    }

    private static byte[] plain(byte[] raw, int length) {
        byte[] body = new byte[length + 1];
        body[0] = BatchFormat.CODEC_RAW;
        System.arraycopy(raw, 0, body, 1, length);
        return body;
    }

    private void letGo() {
        if (scratch.length > KEPT_BYTES) {
            scratch = new byte[0];
        }
    }

    /** The raw body: a new array, or {@code body} itself where it is not compressed; it begins at {@link #rawBegin}. */
    static byte[] decode(byte[] body, int rawLength) {
        if (body.length < 1 || rawLength < BatchFormat.TRAILER_BYTES || rawLength > BatchFormat.MAX_RAW_BYTES) {
            throw BatchFormat.malformed("a body of " + body.length + " bytes says it holds " + rawLength);
        }
        if (body[0] == BatchFormat.CODEC_RAW) {
            if (body.length - 1 != rawLength) {
                throw BatchFormat.malformed(
                        "an uncompressed body of " + body.length + " bytes says it holds " + rawLength);
            }
            return body;
        }
        if (body[0] != BatchFormat.CODEC_LZ4) {
            throw BatchFormat.malformed("the codec " + body[0] + " is unknown");
        }
        if (rawLength > MAX_EXPANSION * body.length) {
            throw BatchFormat.malformed("a compressed body of " + body.length + " bytes can't hold " + rawLength);
        }
        byte[] raw = new byte[rawLength];
        try {
            int length = LZ4.safeDecompressor().decompress(body, 1, body.length - 1, raw, 0, rawLength);
            if (length != rawLength) {
                throw BatchFormat.malformed("a compressed body holds " + length + " bytes instead of " + rawLength);
            }
        } catch (LZ4Exception e) {
            throw BatchFormat.malformed("a compressed body of " + body.length + " bytes is damaged: " + e.getMessage());
        }
        return raw;
    }

    static int rawBegin(byte[] body) {
        return body[0] == BatchFormat.CODEC_RAW ? 1 : 0;
    }
}
