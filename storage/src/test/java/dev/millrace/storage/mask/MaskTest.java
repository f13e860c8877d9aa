package dev.millrace.storage.mask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.Masking;
import dev.millrace.config.setting.Secret;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MaskTest {
    private static final Secret SECRET = new Secret("a secret of more than sixteen characters");

    @Test
    void hashesAreThoseOfTheStandards() {
        // echo -n 'a secret of more than sixteen charactersada@example.org' | sha256sum; openssl dgst -sha256 -hmac '…'
        assertEquals(
                "9e7eef50f417aabcbf8b7972ebc476477c6537e8adf9f9f028e9354251bb39fc",
                Mask.of(new Masking.Sha256(SECRET)).mask("ada@example.org"));
        assertEquals(
                "428192fdbbc27d27473a0b546cc687d1bb5b55ae6a1a9ad2422ede3130de6eba",
                Mask.of(new Masking.Hmac(SECRET)).mask("ada@example.org"));
    }

    @Test
    void keepsTheLastCharactersAndNothingOfWhatIsNoLonger() {
        Mask mask = Mask.of(new Masking.KeepLast(4));
        assertEquals("************4242", mask.mask("5555444433334242"));
        assertEquals("****", mask.mask("4242"));
        assertEquals("**", mask.mask("ab"));
        assertEquals("", mask.mask(""));
        assertEquals("**üß😀é", mask.mask("añüß😀é"));
    }

    @Test
    void redactsEverythingAlike() {
        Mask mask = Mask.of(new Masking.Redact("(gone)"));
        assertEquals("(gone)", mask.mask("anything"));
        assertEquals("(gone)", mask.mask(""));
    }

    @Test
    void keepsTheFormatOfPeopleAndNumbers() {
        Mask mask = Mask.of(new Masking.KeepFormat(SECRET));
        for (String clear : List.of(
                "+49 (30) 1234-5678",
                "DE89 3704 0044 0532 0130 00",
                "Ada.Lovelace@Example.org",
                "Ζωή Müller, 東京 7",
                "😀 9")) {
            String masked = mask.mask(clear);
            assertNotEquals(clear, masked);
            assertEquals(pattern(clear), pattern(masked), masked);
            assertEquals(clear.getBytes(StandardCharsets.UTF_8).length, masked.getBytes(StandardCharsets.UTF_8).length);
            assertEquals(masked, Mask.of(new Masking.KeepFormat(SECRET)).mask(clear));
        }
        assertEquals("-- … €", mask.mask("-- … €"));
        assertNotEquals(
                mask.mask("1234567890"),
                Mask.of(new Masking.KeepFormat(new Secret("another secret of enough characters")))
                        .mask("1234567890"));
    }

    @Test
    void aKeptFormatNeverChanges() {
        Mask mask = Mask.of(new Masking.KeepFormat(SECRET));
        assertEquals("5075 8178 6660 7373", mask.mask("4111 1111 1111 1111"));
        assertEquals(
                "Xys Zwvduxyi, Sxõ ùqfhbaÆw pdd 58 zdhjse bh glf Wdlxdqqbry Nfdwqkl 9089",
                mask.mask("Ada Lovelace, Zoë Ångström and 12 others of the Analytical Society 1843"));
    }

    @Test
    void aKeptFormatGivesNoTwoValuesOneMask() {
        Mask mask = Mask.of(new Masking.KeepFormat(SECRET));
        for (int digits = 1; digits <= 4; digits++) {
            Set<String> masked = new HashSet<>();
            int values = (int) Math.pow(10, digits);
            for (int value = 0; value < values; value++) {
                masked.add(mask.mask(String.format("%0" + digits + "d", value)));
            }
            assertEquals(values, masked.size());
            assertTrue(masked.contains("0".repeat(digits)));
        }
        Set<String> mixed = new HashSet<>();
        for (char letter = 'a'; letter <= 'z'; letter++) {
            for (char capital = 'A'; capital <= 'Z'; capital++) {
                mixed.add(mask.mask("" + letter + '-' + capital + '7'));
            }
        }
        assertEquals(26 * 26, mixed.size());
    }

    @Test
    void aKeptFormatStandsAnyBytes() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Mask mask = Mask.of(new Masking.KeepFormat(SECRET));
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            assertEquals(bytes.length, mask.mask(bytes, 0, bytes.length).length(), "seed " + seed);
        }
        byte[] large = "0123456789abcdefXYZ ".repeat(200_000).getBytes(StandardCharsets.UTF_8);
        assertEquals(large.length, mask.mask(large, 0, large.length).length());
    }

    @Test
    void shownSecretsAreMasks() {
        assertFalse(new Masking.Hmac(SECRET).toString().contains(SECRET.reveal()));
        assertThrows(IllegalArgumentException.class, () -> new Masking.Hmac(new Secret("short")));
    }

    @Test
    void cellsOfEveryTypeHaveOneText() {
        Masking hash = new Masking.Hmac(SECRET);
        assertMasked("true", hash, Type.BOOLEAN, out -> out.putBoolean(true));
        assertMasked("-9223372036854775808", hash, Type.LONG, out -> out.putLong(Long.MIN_VALUE));
        assertMasked("42", hash, Type.SHORT, out -> out.putLong(42));
        assertMasked("0.5", hash, Type.DOUBLE, out -> out.putDouble(0.5));
        assertMasked("NaN", hash, Type.FLOAT, out -> out.putDouble(Double.NaN));
        assertMasked("1.50", hash, Type.DECIMAL, out -> out.putDecimal(new BigDecimal("1.50")));
        assertMasked("0000-03-01", hash, Type.DATE, out -> out.putLong(-719468));
        assertMasked("25:00:01.500000000", hash, Type.TIME, out -> out.putLong(90_001_500_000_000L));
        assertMasked("1969-12-31T23:59:59", hash, Type.DATETIME, out -> out.putDateTime(-1, 0));
        assertMasked("1970-01-01T00:00:00Z", hash, Type.ZONED_DATETIME, out -> out.putZonedDateTime(0, 0, 3600));
        assertMasked("text", hash, Type.STRING, out -> out.putString("text"));
        assertMasked("bytes", hash, Type.BYTE_ARRAY, out -> out.putBytes(new byte[] {'b', 'y', 't', 'e', 's'}, 0, 5));
        assertMasked("4242", new Masking.KeepFormat(SECRET), Type.INTEGER, out -> out.putLong(4242));
    }

    @Test
    void nullStaysNullAndUnchangedStaysUnchanged() {
        Masking redact = new Masking.Redact("x");
        assertTrue(masked(redact, Type.STRING, BatchWriter::putNull).isNull(0));
        assertTrue(masked(redact, Type.STRING, BatchWriter::putUnchanged).isUnchanged(0));
    }

    @Test
    void whatHasNoCharactersHasNoneToKeep() {
        assertFalse(Mask.fits(new Masking.KeepLast(4), Type.BYTE_ARRAY));
        assertFalse(Mask.fits(new Masking.KeepFormat(SECRET), Type.MAP));
        assertTrue(Mask.fits(new Masking.Hmac(SECRET), Type.MAP));
        assertThrows(
                IllegalStateException.class,
                () -> masked(new Masking.KeepLast(4), Type.DOUBLE, out -> out.putDouble(1)));
    }

    private static void assertMasked(String text, Masking masking, Type type, Consumer<BatchWriter> put) {
        assertEquals(Mask.of(masking).mask(text), masked(masking, type, put).stringAt(0));
    }

    private static Cells masked(Masking masking, Type type, Consumer<BatchWriter> put) {
        DataType clear = DataType.of(type);
        Cells cells = row(clear, put);
        return row(Mask.type(masking, clear), out -> Mask.of(masking).put(cells, 0, out));
    }

    private static Cells row(DataType type, Consumer<BatchWriter> put) {
        Schema schema = new Schema(new TableName("", "t"), 1, List.of(new Column("c", type, true, 0, "", 0)));
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(1, 0, "p", 1);
        writer.beginRow(Operation.READ, writer.schema(schema));
        put.accept(writer);
        writer.endRow();
        BatchReader reader = new BatchReader();
        reader.open(writer.finish(0, true, true, OffsetDelta.NONE).stored(1));
        assertTrue(reader.next());
        return reader.values();
    }

    private static String pattern(String text) {
        StringBuilder pattern = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (c >= '0' && c <= '9') {
                pattern.append('0');
            } else if (c >= 'a' && c <= 'z') {
                pattern.append('a');
            } else if (c >= 'A' && c <= 'Z') {
                pattern.append('A');
            } else {
                pattern.appendCodePoint(c < 0xc0 ? c : c & ~63);
            }
        });
        return pattern.toString();
    }
}
