package dev.millrace.ingest.postgres;

import dev.millrace.storage.batch.BatchWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes a value's text form as one JSON value, for arrays, composites and hstore: numbers as JSON numbers with all their digits (NaN and
 * the infinities as strings, since JSON has none), booleans as true and false, json as it is, everything else as a string of its text form.
 */
@FunctionalInterface
interface JsonForm {
    void write(byte[] text, int offset, int length, JsonBytes out);

    JsonForm STRING = (text, offset, length, out) -> out.string(text, offset, length);

    JsonForm RAW = (text, offset, length, out) -> out.raw(text, offset, length);

    JsonForm NUMBER = (text, offset, length, out) -> {
        if (JsonBytes.isNumber(text, offset, length)) {
            out.raw(text, offset, length);
        } else {
            out.string(text, offset, length);
        }
    };

    JsonForm BOOLEAN = (text, offset, length, out) -> out.raw(length == 1 && text[offset] == 't' ? "true" : "false");

    static JsonForm money(int scale) {
        return (text, offset, length, out) ->
                out.raw(BigDecimal.valueOf(TextDecoders.parseMoney(text, offset, length), scale)
                        .toPlainString());
    }

    /** {@code {1,NULL,"a b"}}, nested for more dimensions; bounds in front ({@code [0:1]=}) have no place in JSON and are left out. */
    static JsonForm array(byte delimiter, JsonForm element) {
        return (text, offset, length, out) -> new NestedText(text, offset, length, out).array(delimiter, element);
    }

    /** {@code (1,,"a b")}: an object with the attributes' names. */
    static JsonForm composite(List<String> names, List<JsonForm> forms) {
        byte[][] keys = names.stream()
                .map(name -> name.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        JsonForm[] values = forms.toArray(JsonForm[]::new);
        return (text, offset, length, out) -> new NestedText(text, offset, length, out).composite(keys, values);
    }

    /** {@code "a"=>"1", "b"=>NULL}: an object of strings. */
    JsonForm HSTORE = (text, offset, length, out) -> new NestedText(text, offset, length, out).hstore();

    /** A cell of JSON text from the text form. */
    default CellDecoder cell() {
        return (byte[] text, int offset, int length, BatchWriter out) -> {
            JsonBytes json = new JsonBytes(length + length / 4 + 32);
            write(text, offset, length, json);
            json.putInto(out);
        };
    }
}
