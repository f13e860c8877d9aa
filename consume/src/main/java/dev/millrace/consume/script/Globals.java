package dev.millrace.consume.script;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.mozilla.javascript.BaseFunction;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Symbol;
import org.mozilla.javascript.SymbolKey;

/**
 * Makes the standard objects of a sandbox: of Rhino's safe ones those that an allow-list names, without what runs text as code, starts
 * something for later, depends on clock, chance or machine; built-ins guarded; everything sealed, so that no event leaves anything for the next.
 */
final class Globals {
    /** What scripts see, apart from the helpers. */
    static final Set<String> STANDARD = Set.of(
            "Object",
            "Array",
            "String",
            "Number",
            "Boolean",
            "Date",
            "Math",
            "JSON",
            "RegExp",
            "Symbol",
            "Map",
            "Set",
            "BigInt",
            "Error",
            "EvalError",
            "RangeError",
            "ReferenceError",
            "SyntaxError",
            "TypeError",
            "URIError",
            "NaN",
            "Infinity",
            "undefined",
            "isFinite",
            "isNaN",
            "parseFloat",
            "parseInt",
            "decodeURI",
            "decodeURIComponent",
            "encodeURI",
            "encodeURIComponent",
            "escape",
            "unescape");

    private static final String FUNCTION = "Function";
    private static final List<String> GUARDED_FUNCTIONS = List.of(
            "parseFloat",
            "parseInt",
            "decodeURI",
            "decodeURIComponent",
            "encodeURI",
            "encodeURIComponent",
            "escape",
            "unescape");
    /** Functions of {@code Object} that change more than a sealed object's own refusals cover. */
    private static final List<String> CHANGING =
            List.of("defineProperty", "defineProperties", "setPrototypeOf", "freeze", "seal", "preventExtensions");

    /** Functions of {@code Object} that copy what objects have. */
    private static final List<String> COPYING = List.of("assign", "entries", "values", "getOwnPropertyDescriptors");

    private static final List<String> GUARDED_TYPES =
            List.of("Object", "Array", "String", "Number", "RegExp", "Map", "Set");
    /** On any object: they show source, depend on the machine, or lead to what was taken away. */
    private static final List<String> DROPPED_EVERYWHERE =
            List.of("toSource", "toLocaleString", "toLocaleDateString", "toLocaleTimeString");

    /** What a property takes as an entry, a name, a value and a place in a table. */
    private static final int MEMBER_BYTES = 512;

    private final Context context;
    private final ScriptableObject global;

    private Globals(Context context) {
        this.context = context;
        this.global = context.initSafeStandardObjects(null, false);
    }

    /** Within a context of the sandbox's own. */
    static ScriptableObject create(Context context, Helpers helpers) {
        Globals globals = new Globals(context);
        globals.dropUnknown();
        globals.guard();
        globals.replace();
        helpers.install(globals.global);
        Set<Scriptable> sealed = Collections.newSetFromMap(new IdentityHashMap<>());
        globals.seal(globals.global, sealed);
        globals.hidden().forEach(prototype -> globals.seal(prototype, sealed));
        return globals.global;
    }

    private void dropUnknown() {
        // Rhino itself looks for what functions inherit under this name
        Scriptable functions = prototype("Function");
        BaseFunction none = new NoFunction(global);
        none.setImmunePrototypeProperty(functions);
        ((ScriptableObject) functions).defineProperty("constructor", none, ScriptableObject.DONTENUM);
        global.defineProperty(FUNCTION, none, ScriptableObject.DONTENUM);
        for (Object id : global.getAllIds()) {
            if (id instanceof String name && !STANDARD.contains(name) && !name.equals(FUNCTION)) {
                global.delete(name);
            }
        }
        for (String name : List.of("captureStackTrace", "stackTraceLimit", "prepareStackTrace")) {
            object("Error").delete(name);
        }
        // those by a name are kept for ever, and so would be whatever events name them
        for (String name : List.of("isConcatSpreadable", "species", "for", "keyFor")) {
            object("Symbol").delete(name);
        }
        for (String name :
                List.of("__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__")) {
            prototype("Object").delete(name);
        }
        object("Math").delete("random");
        object("String").delete("raw");
    }

    private void guard() {
        ScriptableObject functions = (ScriptableObject) ScriptableObject.getFunctionPrototype(global);
        guard(functions, "apply", 1);
        guard(object("Array"), "from", 0);
        for (String name : GUARDED_FUNCTIONS) {
            guard(global, name, Guarded.NO_LIST);
        }
        for (String type : GUARDED_TYPES) {
            guardAll(object(type), Guarded.NO_LIST, type.equals("Object") ? MEMBER_BYTES : 0);
            guardAll(prototype(type), type.equals("Array") ? Guarded.SELF : Guarded.NO_LIST, 0);
        }
        // built-ins that walk an iterator call this for each element
        iterators().forEach(iterator -> guard(iterator, "next", Guarded.NO_LIST));
    }

    /** What iterators of texts, lists, maps, sets and matches inherit from. */
    private List<ScriptableObject> iterators() {
        List<ScriptableObject> prototypes = new ArrayList<>();
        for (String type : List.of("String", "Array", "Map", "Set")) {
            ScriptableObject iterable = (ScriptableObject) context.newObject(global, type);
            Function iterator = (Function) ScriptableObject.getProperty(iterable, SymbolKey.ITERATOR);
            prototypes.add(prototypeOf(iterator.call(context, global, iterable, ScriptRuntime.emptyArgs)));
        }
        Function matches = (Function) ScriptableObject.getProperty(prototype("String"), "matchAll");
        Scriptable text = context.newObject(global, "String");
        prototypes.add(prototypeOf(matches.call(context, global, text, new Object[] {"x"})));
        return prototypes;
    }

    private static ScriptableObject prototypeOf(Object object) {
        return (ScriptableObject) ((Scriptable) object).getPrototype();
    }

    /** What scripts reach though no name leads there. */
    private List<Scriptable> hidden() {
        List<Scriptable> prototypes = new ArrayList<>(iterators());
        prototypes.add(ScriptableObject.getGeneratorFunctionPrototype(global));
        if (ScriptableObject.getTopScopeValue(global, "Generator") instanceof Scriptable generators) {
            prototypes.add(generators);
        }
        return prototypes;
    }

    private void guardAll(ScriptableObject owner, int listAt, int memoryEach) {
        for (Object id : ids(owner)) {
            if (!"constructor".equals(id) && !"prototype".equals(id)) {
                guard(owner, id, listAt, memoryEach);
            }
        }
    }

    private void guard(ScriptableObject owner, Object id, int listAt) {
        guard(owner, id, listAt, 0);
    }

    private void guard(ScriptableObject owner, Object id, int listAt, int memoryEach) {
        Object inner = value(owner, id);
        if (inner instanceof Guarded || !(inner instanceof Function function)) {
            return;
        }
        Guarded guarded = new Guarded(global, function, listAt, memoryEach);
        if (id instanceof Symbol symbol) {
            owner.defineProperty(symbol, guarded, ScriptableObject.DONTENUM);
        } else {
            owner.defineProperty((String) id, guarded, ScriptableObject.DONTENUM);
        }
    }

    private void replace() {
        for (String name : CHANGING) {
            Function inner = (Function) ScriptableObject.getProperty(object("Object"), name);
            ListFunctions.define(global, object("Object"), name, 1, (any, scope, self, args) -> {
                if (args.length > 0 && args[0] instanceof ScriptableObject object && object.isSealed()) {
                    throw ScriptRuntime.typeError("standard objects can't be changed");
                }
                return inner.call(any, scope, self, args);
            });
        }
        for (String name : COPYING) {
            Function inner = (Function) ScriptableObject.getProperty(object("Object"), name);
            int first = name.equals("assign") ? 1 : 0;
            ListFunctions.define(global, object("Object"), name, first + 1, (any, scope, self, args) -> {
                for (int i = first; i < args.length; i++) {
                    args[i] = args[i] instanceof RowObject row ? row.plain() : args[i];
                }
                return inner.call(any, scope, self, args);
            });
        }
        ListFunctions.install(global, prototype("Array"));
        TextFunctions.install(global, prototype("String"));
        EventDate.install(global);
        JsonFunctions.install(global);
        Function bigInt = (Function) object("BigInt");
        Function asUint = (Function) ScriptableObject.getProperty(bigInt, "asUintN");
        ListFunctions.define(global, (ScriptableObject) bigInt, "asUintN", 2, (any, scope, self, args) -> {
            BoundedRuntime.requireBits((long) Math.min(Long.MAX_VALUE, ScriptRuntime.toNumber(args, 0)));
            return asUint.call(any, scope, self, args);
        });
        ListFunctions.define(global, global, "BigInt", 1, (any, scope, self, args) -> {
            if (args.length > 0 && !(args[0] instanceof BigInteger)) {
                Object primitive = args[0] instanceof Scriptable object
                        ? object.getDefaultValue(ScriptRuntime.NumberClass)
                        : args[0];
                BoundedRuntime.requireBits(primitive instanceof CharSequence digits ? digits.length() * 4L : 0);
                args[0] = primitive;
            }
            return bigInt.call(any, scope, self, args);
        });
        ScriptableObject replaced = object("BigInt");
        ScriptableObject prototype = (ScriptableObject) ScriptableObject.getProperty(bigInt, "prototype");
        replaced.defineProperty("prototype", prototype, ScriptableObject.DONTENUM);
        replaced.defineProperty("asUintN", ScriptableObject.getProperty(bigInt, "asUintN"), ScriptableObject.DONTENUM);
        replaced.defineProperty("asIntN", ScriptableObject.getProperty(bigInt, "asIntN"), ScriptableObject.DONTENUM);
        prototype.defineProperty("constructor", replaced, ScriptableObject.DONTENUM);
    }

    private void seal(Scriptable reached, Set<Scriptable> sealed) {
        if (!(reached instanceof ScriptableObject object) || !sealed.add(reached)) {
            return;
        }
        DROPPED_EVERYWHERE.forEach(object::delete);
        for (Object id : ids(object)) {
            if (value(object, id) instanceof Scriptable inner) {
                seal(inner, sealed);
            }
        }
        seal(object.getPrototype(), sealed);
        object.sealObject();
    }

    /** Of the object's own; null for one that can't be read, such as a size without a list. */
    private Object value(ScriptableObject owner, Object id) {
        try {
            return id instanceof Symbol symbol
                    ? owner.get(symbol, owner)
                    : id instanceof Integer index ? owner.get(index, owner) : owner.get((String) id, owner);
        } catch (RhinoException accessor) {
            return null;
        }
    }

    private Object[] ids(ScriptableObject owner) {
        Function symbolsOf = (Function) ScriptableObject.getProperty(object("Object"), "getOwnPropertySymbols");
        Object[] symbols =
                context.getElements((Scriptable) symbolsOf.call(context, global, global, new Object[] {owner}));
        Object[] names = owner.getAllIds();
        Object[] ids = new Object[names.length + symbols.length];
        System.arraycopy(names, 0, ids, 0, names.length);
        System.arraycopy(symbols, 0, ids, names.length, symbols.length);
        return ids;
    }

    private ScriptableObject object(String name) {
        return (ScriptableObject) ScriptableObject.getProperty(global, name);
    }

    private ScriptableObject prototype(String type) {
        return (ScriptableObject) ScriptableObject.getProperty(object(type), "prototype");
    }
}
