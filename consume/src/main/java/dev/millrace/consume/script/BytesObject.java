package dev.millrace.consume.script;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.Function;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.LambdaFunction;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/** Bytes in JavaScript: what a BYTE_ARRAY cell is, with {@code length}, {@code hex()}, {@code base64()} and {@code text()}. Immutable. */
final class BytesObject extends ScriptableObject {
    private static final long serialVersionUID = 1L;

    private final byte[] bytes;

    BytesObject(Scriptable prototype, byte[] bytes) {
        setPrototype(prototype);
        this.bytes = bytes;
        defineProperty("length", bytes.length, READONLY | PERMANENT);
        preventExtensions();
    }

    /** Not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    @Override
    public String getClassName() {
        return "Bytes";
    }

    @Override
    public Object getDefaultValue(Class<?> hint) {
        return text(HexFormat.of().formatHex(charged(1)));
    }

    private byte[] charged(int factor) {
        LimitedContext.current().chargeText((long) bytes.length * factor);
        return bytes;
    }

    private static String text(String text) {
        LimitedContext.current().chargeText(text.length());
        return text;
    }

    static ScriptableObject prototype(Scriptable scope) {
        ScriptableObject prototype =
                (ScriptableObject) Context.getCurrentContext().newObject(scope);
        method(scope, prototype, "hex", self -> HexFormat.of().formatHex(self.charged(2)));
        method(scope, prototype, "toString", self -> HexFormat.of().formatHex(self.charged(2)));
        method(scope, prototype, "base64", self -> Base64.getEncoder().encodeToString(self.charged(2)));
        method(scope, prototype, "toJSON", self -> Base64.getEncoder().encodeToString(self.charged(2)));
        method(scope, prototype, "text", self -> new String(self.charged(1), StandardCharsets.UTF_8));
        return prototype;
    }

    private static void method(
            Scriptable scope, ScriptableObject prototype, String name, Function<BytesObject, Object> body) {
        prototype.defineProperty(
                name,
                new LambdaFunction(scope, name, 0, (context, callScope, self, args) -> {
                    if (!(self instanceof BytesObject bytes)) {
                        throw ScriptRuntime.typeError(name + " is for Bytes");
                    }
                    return body.apply(bytes);
                }),
                DONTENUM);
    }
}
