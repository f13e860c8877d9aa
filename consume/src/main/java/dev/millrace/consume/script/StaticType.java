package dev.millrace.consume.script;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.util.List;
import java.util.Optional;
import org.mozilla.javascript.Token;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.ConditionalExpression;
import org.mozilla.javascript.ast.FunctionCall;
import org.mozilla.javascript.ast.InfixExpression;
import org.mozilla.javascript.ast.KeywordLiteral;
import org.mozilla.javascript.ast.Name;
import org.mozilla.javascript.ast.NumberLiteral;
import org.mozilla.javascript.ast.ParenthesizedExpression;
import org.mozilla.javascript.ast.PropertyGet;
import org.mozilla.javascript.ast.StringLiteral;
import org.mozilla.javascript.ast.TemplateLiteral;
import org.mozilla.javascript.ast.UnaryExpression;

/** The type of an expression's result where it follows from its text and the columns' types; empty where only running tells. */
final class StaticType {
    private static final List<String> TEXT_FUNCTIONS = List.of(
            "trim",
            "trimStart",
            "trimEnd",
            "toLowerCase",
            "toUpperCase",
            "substring",
            "slice",
            "replace",
            "replaceAll",
            "padStart",
            "padEnd",
            "repeat",
            "charAt",
            "concat",
            "join",
            "normalize",
            "toString",
            "toFixed",
            "hex",
            "base64");
    private static final List<String> TRUTH_FUNCTIONS =
            List.of("startsWith", "endsWith", "includes", "test", "isInteger", "isFinite", "isNaN");
    private static final List<String> TEXT_HELPERS = List.of("Text", "Time", "Hash");

    private final List<Column> columns;

    private StaticType(List<Column> columns) {
        this.columns = columns;
    }

    static Optional<DataType> of(AstNode expression, List<Column> columns) {
        return Optional.ofNullable(new StaticType(columns).type(expression));
    }

    /** What values of an expression are, where that is sure but for NULL. */
    enum Kind {
        NUMBER,
        TRUTH,
        TEXT;

        /** Whether no value of the kind is one of the type as it is. */
        boolean neverFits(Type wanted) {
            return switch (wanted) {
                case BYTE, SHORT, INTEGER, LONG, FLOAT, DOUBLE, DECIMAL -> this != NUMBER;
                case BOOLEAN -> this != TRUTH;
                case CHAR, STRING, FILE_REF, DATE, TIME, DATETIME, ZONED_DATETIME -> this != TEXT;
                case BYTE_ARRAY, LIST, LIST_MAP -> true;
                case MAP -> false;
            };
        }
    }

    static Optional<Kind> kindOf(AstNode expression, List<Column> columns) {
        return Optional.ofNullable(new StaticType(columns).kind(expression));
    }

    private Kind kind(AstNode node) {
        if (node instanceof ParenthesizedExpression inner) {
            return kind(inner.getExpression());
        }
        if (node instanceof InfixExpression infix) {
            switch (infix.getOperator()) {
                case Token.SUB, Token.MUL, Token.DIV, Token.MOD, Token.EXP -> {
                    return Kind.NUMBER;
                }
                case Token.ADD -> {
                    boolean numbers = kind(infix.getLeft()) == Kind.NUMBER && kind(infix.getRight()) == Kind.NUMBER;
                    return numbers ? Kind.NUMBER : isText(node) ? Kind.TEXT : null;
                }
                default -> {}
            }
        }
        DataType type = type(node);
        if (type == null) {
            return null;
        }
        return switch (type.type()) {
            case BOOLEAN -> Kind.TRUTH;
            case BYTE, SHORT, INTEGER, LONG, FLOAT, DOUBLE -> Kind.NUMBER;
            case CHAR, STRING, FILE_REF -> Kind.TEXT;
            default -> null;
        };
    }

    /** Null where it is not known. */
    private DataType type(AstNode node) {
        if (node instanceof ParenthesizedExpression inner) {
            return type(inner.getExpression());
        }
        if (node instanceof StringLiteral || node instanceof TemplateLiteral) {
            return DataType.of(Type.STRING);
        }
        if (node instanceof NumberLiteral number) {
            return JsResults.type(number.getNumber(), "");
        }
        if (node instanceof KeywordLiteral word) {
            return word.getType() == Token.TRUE || word.getType() == Token.FALSE ? DataType.of(Type.BOOLEAN) : null;
        }
        if (node instanceof Name name) {
            return columns.stream()
                    .filter(column -> column.name().equals(name.getIdentifier()))
                    .findFirst()
                    .map(Column::dataType)
                    .orElse(null);
        }
        if (node instanceof ConditionalExpression choice) {
            return common(choice.getTrueExpression(), choice.getFalseExpression());
        }
        if (node instanceof UnaryExpression unary) {
            return unary.getOperator() == Token.NOT
                    ? DataType.of(Type.BOOLEAN)
                    : unary.getOperator() == Token.TYPEOF ? DataType.of(Type.STRING) : null;
        }
        if (node instanceof FunctionCall call) {
            return result(call);
        }
        return node instanceof InfixExpression infix ? infix(infix) : null;
    }

    private DataType infix(InfixExpression infix) {
        return switch (infix.getOperator()) {
            case Token.EQ, Token.NE, Token.SHEQ, Token.SHNE, Token.LT, Token.LE, Token.GT, Token.GE, Token.IN ->
                DataType.of(Type.BOOLEAN);
            case Token.AND, Token.OR, Token.NULLISH_COALESCING -> common(infix.getLeft(), infix.getRight());
            case Token.ADD -> isText(infix.getLeft()) || isText(infix.getRight()) ? DataType.of(Type.STRING) : null;
            default -> null;
        };
    }

    private boolean isText(AstNode node) {
        DataType type = type(node);
        return type != null
                && switch (type.type()) {
                    case CHAR, STRING, FILE_REF, DATE, TIME, DATETIME, ZONED_DATETIME -> true;
                    default -> false;
                };
    }

    private DataType common(AstNode left, AstNode right) {
        if (isNull(left)) {
            return type(right);
        }
        DataType one = type(left);
        return isNull(right) || one != null && one.equals(type(right)) ? one : null;
    }

    private static boolean isNull(AstNode node) {
        return node instanceof KeywordLiteral word && word.getType() == Token.NULL;
    }

    private DataType result(FunctionCall call) {
        if (call.getTarget() instanceof Name name) {
            return switch (name.getIdentifier()) {
                case "String" -> DataType.of(Type.STRING);
                case "Boolean", "isNaN", "isFinite" -> DataType.of(Type.BOOLEAN);
                case "Decimal" -> DataType.of(Type.DECIMAL);
                default -> null;
            };
        }
        if (!(call.getTarget() instanceof PropertyGet get)) {
            return null;
        }
        String function = get.getProperty().getIdentifier();
        if (get.getLeft() instanceof Name owner && TEXT_HELPERS.contains(owner.getIdentifier())) {
            return function.equals("between") ? DataType.of(Type.LONG) : DataType.of(Type.STRING);
        }
        boolean ofText = isText(get.getLeft());
        if (TEXT_FUNCTIONS.contains(function)
                && (ofText || function.equals("toString") || function.equals("toFixed"))) {
            return DataType.of(Type.STRING);
        }
        return TRUTH_FUNCTIONS.contains(function) ? DataType.of(Type.BOOLEAN) : null;
    }
}
