package dev.millrace.consume.script;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mozilla.javascript.ast.AstNode;

/**
 * An expression of nothing but columns, constants and operators, computed as JavaScript would, without it: no context is entered and no object
 * made. Only rows whose values leave no question are taken, those that are not NULL above all; for the others, and wherever the result is not of
 * the wanted type as it is, the expression is evaluated by JavaScript, which also says what is wrong. Confined to one thread.
 */
public final class Direct {
    /** Longer texts are JavaScript's: none of its limits is reached by shorter ones. */
    static final int MAX_TEXT = 1 << 15;

    /** A part of the expression, by the kind of its values. */
    sealed interface Node permits OfNumbers, OfTruth, OfText {}

    /** Gives numbers as JavaScript has them. */
    non-sealed interface OfNumbers extends Node {
        double at(DirectRow row);
    }

    /** Gives true or false. */
    non-sealed interface OfTruth extends Node {
        boolean at(DirectRow row);
    }

    /** Gives text. */
    non-sealed interface OfText extends Node {
        void at(DirectRow row, Utf8Text out);
    }

    /** What {@link #test} says. */
    public enum Truth {
        TRUE,
        FALSE,
        /** JavaScript has to be asked. */
        OPEN
    }

    /** JavaScript has to be asked. */
    static final class Undecided extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Undecided() {
            super("the engine may come to another number", null, false, false);
        }
    }

    private final Node root;
    private final Utf8Text text = new Utf8Text();
    private final int[] wholes;
    private final int[] texts;
    private final int[] others;

    private Direct(Node root, Set<Integer> used, List<Column> columns) {
        this.root = root;
        this.wholes = used.stream()
                .filter(column -> DirectCompiler.isWhole(columns.get(column).type()))
                .mapToInt(Integer::intValue)
                .toArray();
        this.texts = used.stream()
                .filter(column -> DirectCompiler.isText(columns.get(column).type()))
                .mapToInt(Integer::intValue)
                .toArray();
        this.others = used.stream()
                .filter(column -> !DirectCompiler.isWhole(columns.get(column).type())
                        && !DirectCompiler.isText(columns.get(column).type()))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** Empty where the expression has anything else in it. */
    static Optional<Direct> compile(AstNode expression, List<Column> columns) {
        Set<Integer> used = new LinkedHashSet<>();
        Node root = new DirectCompiler(columns, used).node(expression);
        return root == null ? Optional.empty() : Optional.of(new Direct(root, used, columns));
    }

    /** Whether the row is one that is computed directly. */
    public boolean takes(DirectRow row) {
        for (int column : wholes) {
            if (!row.isPlain(column) || !isSafe(row.wholeAt(column))) {
                return false;
            }
        }
        for (int column : texts) {
            if (!row.isPlain(column) || row.textLength(column) > MAX_TEXT) {
                return false;
            }
        }
        for (int column : others) {
            if (!row.isPlain(column)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the result counts as true in JavaScript, of a row that is taken. */
    public Truth test(DirectRow row) {
        try {
            return isTrue(root, row) ? Truth.TRUE : Truth.FALSE;
        } catch (Undecided open) {
            return Truth.OPEN;
        }
    }

    /** Gives the result of a row that is taken to {@code to}; false where it isn't of the wanted type as it is, and nothing was given. */
    public boolean evaluate(DirectRow row, DataType wanted, DirectResult to) {
        try {
            return switch (wanted.type()) {
                case BOOLEAN -> truth(row, to);
                case BYTE -> whole(row, Byte.MIN_VALUE, Byte.MAX_VALUE, to);
                case SHORT -> whole(row, Short.MIN_VALUE, Short.MAX_VALUE, to);
                case INTEGER -> whole(row, Integer.MIN_VALUE, Integer.MAX_VALUE, to);
                case LONG -> whole(row, -JsValues.MAX_SAFE, JsValues.MAX_SAFE, to);
                case DOUBLE -> real(row, to);
                case CHAR, STRING, FILE_REF -> text(row, wanted.length(), to);
                case FLOAT, DECIMAL, BYTE_ARRAY, DATE, TIME, DATETIME, ZONED_DATETIME, LIST, MAP, LIST_MAP -> false;
            };
        } catch (Undecided open) {
            return false;
        }
    }

    private boolean truth(DirectRow row, DirectResult to) {
        if (!(root instanceof OfTruth node)) {
            return false;
        }
        to.truth(node.at(row));
        return true;
    }

    private boolean real(DirectRow row, DirectResult to) {
        if (!(root instanceof OfNumbers node)) {
            return false;
        }
        to.real(node.at(row));
        return true;
    }

    private boolean whole(DirectRow row, long least, long most, DirectResult to) {
        if (!(root instanceof OfNumbers number)) {
            return false;
        }
        double real = number.at(row);
        boolean fits = real >= least && real <= most && real == Math.rint(real) && !(real == 0 && 1 / real < 0);
        if (fits) {
            to.whole((long) real);
        }
        return fits;
    }

    private boolean text(DirectRow row, int most, DirectResult to) {
        if (!(root instanceof OfText node)) {
            return false;
        }
        text.clear();
        node.at(row, text);
        if (text.length() > MAX_TEXT || most > 0 && text.characters() > most) {
            return false;
        }
        to.text(text.copy());
        return true;
    }

    /** Whether JavaScript has it as a number. */
    private static boolean isSafe(long whole) {
        return whole >= -JsValues.MAX_SAFE && whole <= JsValues.MAX_SAFE;
    }

    /** Whether the node's value counts as true. */
    static boolean isTrue(Node node, DirectRow row) {
        if (node instanceof OfNumbers numbers) {
            double number = numbers.at(row);
            return number != 0 && !Double.isNaN(number);
        }
        return node instanceof OfText text ? !string(text, row).isEmpty() : ((OfTruth) node).at(row);
    }

    /** A text as JavaScript has it. */
    static String string(OfText node, DirectRow row) {
        Utf8Text own = new Utf8Text();
        node.at(row, own);
        return new String(own.copy(), StandardCharsets.UTF_8);
    }
}
