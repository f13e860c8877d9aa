package dev.millrace.consume.script;

import dev.millrace.consume.script.Direct.Node;
import dev.millrace.consume.script.Direct.OfNumbers;
import dev.millrace.consume.script.Direct.OfText;
import dev.millrace.consume.script.Direct.OfTruth;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.mozilla.javascript.Token;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.ConditionalExpression;
import org.mozilla.javascript.ast.InfixExpression;
import org.mozilla.javascript.ast.KeywordLiteral;
import org.mozilla.javascript.ast.Name;
import org.mozilla.javascript.ast.NumberLiteral;
import org.mozilla.javascript.ast.ParenthesizedExpression;
import org.mozilla.javascript.ast.StringLiteral;
import org.mozilla.javascript.ast.UnaryExpression;

/**
 * Makes {@link Direct}'s nodes of an expression's syntax. Operands are of kinds that JavaScript converts in no way, apart from what is added to a
 * text, and what is taken for true or false.
 */
final class DirectCompiler {
    private static final int MAX_DEPTH = 100;
    /** So many texts of {@link Direct#MAX_TEXT} are still harmless. */
    private static final int MAX_NODES = 200;

    private final List<Column> columns;
    private final Set<Integer> used;
    private int depth;
    private int nodes;

    /** @param used gets the numbers of the columns that are read */
    DirectCompiler(List<Column> columns, Set<Integer> used) {
        this.columns = columns;
        this.used = used;
    }

    static boolean isWhole(Type type) {
        return type == Type.BYTE || type == Type.SHORT || type == Type.INTEGER || type == Type.LONG;
    }

    static boolean isText(Type type) {
        return type == Type.CHAR || type == Type.STRING || type == Type.FILE_REF;
    }

    /** Null where it is none of those. */
    Node node(AstNode syntax) {
        if (depth == MAX_DEPTH || ++nodes > MAX_NODES) {
            return null;
        }
        depth++;
        try {
            return any(syntax);
        } finally {
            depth--;
        }
    }

    private Node any(AstNode syntax) {
        if (syntax instanceof ParenthesizedExpression inner) {
            return node(inner.getExpression());
        }
        if (syntax instanceof NumberLiteral number) {
            double value = number.getNumber();
            return (OfNumbers) row -> value;
        }
        if (syntax instanceof StringLiteral literal) {
            return constant(literal.getValue());
        }
        if (syntax instanceof KeywordLiteral word) {
            boolean value = word.getType() == Token.TRUE;
            return value || word.getType() == Token.FALSE ? (OfTruth) row -> value : null;
        }
        if (syntax instanceof Name name) {
            return column(name.getIdentifier());
        }
        if (syntax instanceof UnaryExpression unary) {
            return unary(unary.getOperator(), node(unary.getOperand()));
        }
        if (syntax instanceof ConditionalExpression choice) {
            return choice(
                    truth(node(choice.getTestExpression())),
                    node(choice.getTrueExpression()),
                    node(choice.getFalseExpression()));
        }
        return syntax instanceof InfixExpression infix
                ? infix(infix.getOperator(), node(infix.getLeft()), node(infix.getRight()))
                : null;
    }

    private static Node constant(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        boolean whole = new String(utf8, StandardCharsets.UTF_8).equals(value); // no half characters
        return whole && utf8.length <= Direct.MAX_TEXT ? (OfText) (row, out) -> out.add(utf8) : null;
    }

    private Node column(String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(name)) {
                return column(i);
            }
        }
        return null;
    }

    private Node column(int number) {
        Node node =
                switch (columns.get(number).type()) {
                    case BOOLEAN -> (OfTruth) row -> row.truthAt(number);
                    case BYTE, SHORT, INTEGER, LONG -> (OfNumbers) row -> row.wholeAt(number);
                    case FLOAT, DOUBLE -> (OfNumbers) row -> row.realAt(number);
                    case CHAR, STRING, FILE_REF -> (OfText) (row, out) -> out.add(row, number);
                    case DECIMAL, BYTE_ARRAY, DATE, TIME, DATETIME, ZONED_DATETIME, LIST, MAP, LIST_MAP -> null;
                };
        if (node != null) {
            used.add(number);
        }
        return node;
    }

    private static Node unary(int operator, Node operand) {
        if (operator == Token.NOT) {
            OfTruth truth = truth(operand);
            return truth == null ? null : (OfTruth) row -> !truth.at(row);
        }
        if (!(operand instanceof OfNumbers number)) {
            return null;
        }
        return operator == Token.NEG
                ? (OfNumbers) row -> decided(-number.at(row))
                : operator == Token.POS ? number : null;
    }

    /** What counts as true; null for null. */
    private static OfTruth truth(Node node) {
        return node == null ? null : row -> Direct.isTrue(node, row);
    }

    private static Node choice(OfTruth test, Node one, Node other) {
        if (test == null) {
            return null;
        }
        if (one instanceof OfNumbers number && other instanceof OfNumbers otherNumber) {
            return (OfNumbers) row -> test.at(row) ? number.at(row) : otherNumber.at(row);
        }
        if (one instanceof OfTruth truth && other instanceof OfTruth otherTruth) {
            return (OfTruth) row -> test.at(row) ? truth.at(row) : otherTruth.at(row);
        }
        if (one instanceof OfText text && other instanceof OfText otherText) {
            return (OfText) (row, out) -> {
                if (test.at(row)) {
                    text.at(row, out);
                } else {
                    otherText.at(row, out);
                }
            };
        }
        return null;
    }

    private static Node infix(int operator, Node left, Node right) {
        if (left == null || right == null) {
            return null;
        }
        if (left instanceof OfNumbers one && right instanceof OfNumbers other) {
            return ofNumbers(operator, one, other);
        }
        if (operator == Token.ADD && (left instanceof OfText || right instanceof OfText)) {
            OfText one = written(left);
            OfText other = written(right);
            return (OfText) (row, out) -> {
                one.at(row, out);
                other.at(row, out);
            };
        }
        if (left instanceof OfText one && right instanceof OfText other) {
            return ofTexts(operator, one, other);
        }
        return left instanceof OfTruth one && right instanceof OfTruth other ? ofTruths(operator, one, other) : null;
    }

    private static OfText written(Node node) {
        if (node instanceof OfNumbers number) {
            return (row, out) -> out.add(number.at(row));
        }
        return node instanceof OfTruth truth ? (row, out) -> out.add(truth.at(row)) : (OfText) node;
    }

    /** The engine computes with whole numbers where it can and takes {@code 0 - x} for {@code -x}: its zeros have signs of their own. */
    private static double decided(double result) {
        if (result == 0) {
            throw new Direct.Undecided();
        }
        return result;
    }

    private static Node ofNumbers(int operator, OfNumbers one, OfNumbers other) {
        return switch (operator) {
            case Token.ADD -> (OfNumbers) row -> decided(one.at(row) + other.at(row));
            case Token.SUB -> (OfNumbers) row -> decided(one.at(row) - other.at(row));
            case Token.MUL -> (OfNumbers) row -> decided(one.at(row) * other.at(row));
            case Token.DIV -> (OfNumbers) row -> decided(one.at(row) / other.at(row));
            case Token.MOD -> (OfNumbers) row -> decided(one.at(row) % other.at(row));
            case Token.LT -> (OfTruth) row -> one.at(row) < other.at(row);
            case Token.LE -> (OfTruth) row -> one.at(row) <= other.at(row);
            case Token.GT -> (OfTruth) row -> one.at(row) > other.at(row);
            case Token.GE -> (OfTruth) row -> one.at(row) >= other.at(row);
            case Token.EQ, Token.SHEQ -> (OfTruth) row -> one.at(row) == other.at(row);
            case Token.NE, Token.SHNE -> (OfTruth) row -> one.at(row) != other.at(row);
            default -> null;
        };
    }

    /** Texts are compared by the units of UTF-16, as JavaScript and Java do. */
    private static Node ofTexts(int operator, OfText one, OfText other) {
        return switch (operator) {
            case Token.LT -> (OfTruth) row -> compared(one, other, row) < 0;
            case Token.LE -> (OfTruth) row -> compared(one, other, row) <= 0;
            case Token.GT -> (OfTruth) row -> compared(one, other, row) > 0;
            case Token.GE -> (OfTruth) row -> compared(one, other, row) >= 0;
            case Token.EQ, Token.SHEQ -> (OfTruth) row -> compared(one, other, row) == 0;
            case Token.NE, Token.SHNE -> (OfTruth) row -> compared(one, other, row) != 0;
            default -> null;
        };
    }

    private static int compared(OfText one, OfText other, DirectRow row) {
        return Direct.string(one, row).compareTo(Direct.string(other, row));
    }

    private static Node ofTruths(int operator, OfTruth one, OfTruth other) {
        return switch (operator) {
            case Token.AND -> (OfTruth) row -> one.at(row) && other.at(row);
            case Token.OR -> (OfTruth) row -> one.at(row) || other.at(row);
            case Token.EQ, Token.SHEQ -> (OfTruth) row -> one.at(row) == other.at(row);
            case Token.NE, Token.SHNE -> (OfTruth) row -> one.at(row) != other.at(row);
            default -> null;
        };
    }
}
