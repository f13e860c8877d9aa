package dev.millrace.consume.script;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.mozilla.javascript.GeneratedClassLoader;

/**
 * Loads one script's generated classes, and lets them call {@link BoundedRuntime}, {@link BoundedLink} and {@link BoundedLiteral} where Rhino's
 * generator names its own runtime, bootstrap and literals: only these names in the class's constant pool are changed. If a later Rhino names others, the tests of hostile scripts
 * fail.
 */
final class BoundedLoader extends ClassLoader implements GeneratedClassLoader {
    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final String LITERAL = ")Lorg/mozilla/javascript/NewLiteralStorage;";

    BoundedLoader() {
        super(BoundedLoader.class.getClassLoader());
    }

    @Override
    public Class<?> defineClass(String name, byte[] bytes) {
        byte[] bounded = bounded(bytes);
        return defineClass(name, bounded, 0, bounded.length);
    }

    @Override
    public void linkClass(Class<?> generated) {
        resolveClass(generated);
    }

    /** The layout is that of the JVM specification, 4.1 and 4.4. */
    private static byte[] bounded(byte[] bytes) {
        ByteArrayOutputStream changed = new ByteArrayOutputStream(bytes.length + 64);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
                DataOutputStream out = new DataOutputStream(changed)) {
            out.writeLong(in.readLong());
            int entries = in.readUnsignedShort();
            out.writeShort(entries);
            for (int entry = 1; entry < entries; entry++) {
                int tag = in.readUnsignedByte();
                out.writeByte(tag);
                if (tag == UTF8) {
                    out.writeUTF(name(in.readUTF()));
                } else {
                    out.write(in.readNBytes(width(tag)));
                    entry += tag == LONG || tag == DOUBLE ? 1 : 0;
                }
            }
            in.transferTo(out);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return changed.toByteArray();
    }

    private static String name(String text) {
        return switch (text) {
            case "org/mozilla/javascript/ScriptRuntime" -> "dev/millrace/consume/script/BoundedRuntime";
            case "org/mozilla/javascript/optimizer/Bootstrapper" -> "dev/millrace/consume/script/BoundedLink";
            case "org/mozilla/javascript/NewLiteralStorage" -> "dev/millrace/consume/script/BoundedLiteral";
            // what makes one says so
            default ->
                text.startsWith("(") && text.endsWith(LITERAL)
                        ? text.substring(0, text.length() - LITERAL.length())
                                + ")Ldev/millrace/consume/script/BoundedLiteral;"
                        : text;
        };
    }

    private static int width(int tag) {
        return switch (tag) {
            case 7, 8, 16, 19, 20 -> 2;
            case 15 -> 3;
            case 3, 4, 9, 10, 11, 12, 17, 18 -> 4;
            case LONG, DOUBLE -> 8;
            default -> throw new IllegalStateException("a generated class has a constant of kind " + tag);
        };
    }
}
