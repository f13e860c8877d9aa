package dev.millrace.consume.script;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.mozilla.javascript.CompilerEnvirons;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.EvaluatorException;
import org.mozilla.javascript.Parser;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.AstRoot;
import org.mozilla.javascript.ast.BreakStatement;
import org.mozilla.javascript.ast.CatchClause;
import org.mozilla.javascript.ast.ContinueStatement;
import org.mozilla.javascript.ast.FunctionNode;
import org.mozilla.javascript.ast.Label;
import org.mozilla.javascript.ast.Name;
import org.mozilla.javascript.ast.ObjectProperty;
import org.mozilla.javascript.ast.PropertyGet;
import org.mozilla.javascript.ast.Scope;

/** The syntax of a text and the names in it that it doesn't declare itself, each with its place. */
final class SourceNames {
    /** A name that comes from outside. */
    record Free(String name, int offset, AstNode node) {}

    private final String text;
    private final AstRoot root;

    private SourceNames(String text, AstRoot root) {
        this.text = text;
        this.root = root;
    }

    /** @throws ScriptProblem SCRIPT_SYNTAX */
    static SourceNames parse(String text, String name) {
        CompilerEnvirons syntax = new CompilerEnvirons();
        syntax.setLanguageVersion(Context.VERSION_ECMASCRIPT);
        syntax.setRecordingComments(false);
        try {
            return new SourceNames(text, new Parser(syntax).parse(text, name, 1));
        } catch (EvaluatorException wrong) {
            throw new ScriptProblem(
                    "SCRIPT_SYNTAX",
                    Math.max(1, wrong.lineNumber()),
                    Math.max(1, wrong.columnNumber()),
                    wrong.details(),
                    "");
        } catch (StackOverflowError deep) {
            throw new ScriptProblem("SCRIPT_SYNTAX", 1, 1, "it is nested too deep", "");
        }
    }

    AstRoot root() {
        return root;
    }

    /** What the text declares at its top. */
    Set<String> declared() {
        return root.getSymbolTable() == null ? Set.of() : root.getSymbolTable().keySet();
    }

    /** In the order of the text. */
    List<Free> free() {
        List<Free> free = new ArrayList<>();
        root.visit(node -> {
            if (node instanceof Name name && isReference(name) && !declared(name)) {
                free.add(new Free(name.getIdentifier(), name.getAbsolutePosition(), name));
            }
            return true;
        });
        return free;
    }

    /** Everything the text assigns to without declaring it is not looked for: strict mode refuses it when it runs. */
    private static boolean isReference(Name name) {
        AstNode parent = name.getParent();
        if (parent instanceof PropertyGet get) {
            return get.getLeft() == name;
        }
        if (parent instanceof ObjectProperty property) {
            return property.getValue() == name;
        }
        if (parent instanceof FunctionNode function) {
            return function.getFunctionName() != name && !function.getParams().contains(name);
        }
        return !(parent instanceof Label
                || parent instanceof BreakStatement
                || parent instanceof ContinueStatement
                || parent instanceof CatchClause clause && clause.getVarName() == name
                || name.getIdentifier().equals("arguments"));
    }

    /** Whether anything around it declares it. */
    private static boolean declared(Name name) {
        String identifier = name.getIdentifier();
        for (AstNode at = name.getParent(); at != null; at = at.getParent()) {
            boolean here = at instanceof Scope scope && scope.getSymbol(identifier) != null
                    || at instanceof FunctionNode function && function.getName().equals(identifier)
                    || at instanceof CatchClause clause
                            && clause.getVarName() instanceof Name variable
                            && variable.getIdentifier().equals(identifier);
            if (here) {
                return true;
            }
        }
        return false;
    }

    /** Of a place in the text, from 1. */
    int line(int offset) {
        return 1
                + (int) text.substring(0, Math.min(offset, text.length()))
                        .chars()
                        .filter(it -> it == '\n')
                        .count();
    }

    /** Of a place in its line, from 1. */
    int column(int offset) {
        return Math.min(offset, text.length()) - text.lastIndexOf('\n', Math.max(0, offset - 1));
    }
}
