package dev.millrace.consume.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.millrace.storage.event.Column;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What scripts do that mean harm, or were written without thought: each one fails its event, in time, and the next event is as new. */
class HostileScriptTest {
    private static final ScriptLimits LIMITS = new ScriptLimits(20_000_000, 500, 32 << 20, 100);
    private static final Set<String> LIMIT_CODES =
            Set.of("SCRIPT_TIME", "SCRIPT_STEPS", "SCRIPT_MEMORY", "SCRIPT_TOO_LARGE", "SCRIPT_DEPTH");

    private final Sandbox sandbox = new Sandbox(LIMITS, Optional.empty());

    private Object run(String body) {
        Expression expression = Expression.compile(sandbox, "(function() {" + body + "\n})()", List.<Column>of());
        RowView none = new RowView() {
            @Override
            public Object valueAt(int column) {
                throw new IllegalStateException();
            }

            @Override
            public boolean isUnchanged(int column) {
                throw new IllegalStateException();
            }
        };
        return expression.evaluate(none, 0).value();
    }

    private ScriptFailure failure(String body) {
        return assertTimeoutPreemptively(
                Duration.ofSeconds(120), () -> assertThrows(ScriptFailure.class, () -> run(body), body), body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for (;;);",
                "while (true) { Math.abs(1) }",
                "do {} while (true)",
                "try { for (;;); } catch (e) { return 'caught' }",
                "try { for (;;); } finally { for (;;); }",
                "function f() { try { for (;;); } finally { f(); f() } } f()",
                "for (var x of {[Symbol.iterator]() { return {next() { return {done: false} }, return() { for (;;); }} }}) { for (;;); }",
                "var f = function*() { for (;;) yield 1 }; for (var x of f());",
                "var f = () => f(); f()",
                "function f() { return f() + 1 } f()",
                "var o = {get a() { return this.a }}; o.a",
                "var o = {toString() { return '' + this }}; '' + o",
                "var o = {valueOf() { for (;;); }}; o * 2",
                "JSON.stringify({toJSON() { for (;;); }})",
                "[3, 2, 1].sort(() => { for (;;); })",
                "'aaa'.replace(/a/g, () => { for (;;); })",
                "/(a+)+$/.test('a'.repeat(40) + '!')",
                "/^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(60))",
                "'a'.repeat(60).match(/(a*)*(a*)*(a*)*b/)",
                "new RegExp('(x+x+)+y').exec('x'.repeat(60))",
                "'a'.repeat(50).split(/(a+)+b/)",
            })
    void whatNeverEndsIsEnded(String body) {
        assertTrue(
                LIMIT_CODES.contains(failure(body).code()), () -> failure(body).code());
        assertEquals(2L, run("return 1 + 1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "var s = 'x'; for (;;) s += s",
                "var s = 'x'; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s;"
                        + "s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; s+=s; return s.length",
                "var s = 'x'; for (;;) s = `${s}${s}`",
                "var s = 'x'; for (;;) s = s.concat(s)",
                "var s = 'xy'; for (;;) s = s.replaceAll('x', s)",
                "var s = 'xy'; for (;;) s = s.replace(/x/g, '$&$&$&')",
                "var s = 'xy'; for (;;) s = s.replace(/x/g, () => s)",
                "var s = 'xy'; for (;;) s = [s, s].join(s)",
                "var s = 'é'; for (;;) s = encodeURIComponent(s)",
                "'x'.repeat(2 ** 30)",
                "'x'.repeat(1e6).repeat(1e6)",
                "'x'.padStart(2 ** 30)",
                "'x'.padEnd(1e9, 'abc')",
                "new Array(1e9).fill(0)",
                "new Array(1e9).join('x')",
                "[...new Array(4e9)]",
                "Array.from({length: 1e9})",
                "Array.from({length: 2 ** 53 - 1}, () => 1)",
                "Math.max.apply(null, {length: 1e9})",
                "String.fromCharCode.apply(null, new Array(1e9))",
                "var a = []; for (;;) a.push('xxxxxxxxxxxx' + a.length)",
                "var a = [1]; for (;;) a = a.concat(a)",
                "var a = [1]; for (;;) a = [...a, ...a]",
                "var a = []; a.length = 4e9; a.indexOf(1)",
                "var a = []; a[4294967290] = 1; a.reverse()",
                "Array.prototype.indexOf.call({length: 2 ** 53 - 1}, 1)",
                "Array.prototype.slice.call({get length() { return 1e9 }})",
                "var o = {}; for (var i = 0; ; i++) o['k' + i] = i",
                "var m = new Map(); for (var i = 0; ; i++) m.set(i, i)",
                "var m = new Set(); for (var i = 0; ; i++) m.add('v' + i)",
                "var a = [1]; for (var i = 0; i < 60; i++) a = [a, a]; return JSON.stringify(a)",
                "var a = [1]; for (var i = 0; i < 60; i++) a = [a, a]; return '' + a",
                "var a = [1]; for (var i = 0; i < 60; i++) a = [a, a]; return a.flat(Infinity).length",
                "var a = {}; for (var i = 0; i < 60; i++) a = {l: a, r: a}; return a",
                "2n ** 1000000000n",
                "1n << 1000000000000n",
                "1n >> -1000000000000n",
                "var x = 3n; for (;;) x = x * x",
                "BigInt('9'.repeat(1000000))",
                "BigInt.asUintN(2 ** 52, -1n)",
                "Decimal('9'.repeat(9000)).times(Decimal('9'.repeat(9000))).times('9'.repeat(9000))",
                "'x'.repeat(1500000).split('')",
                "JSON.parse('['.repeat(1000000))",
                "JSON.parse('[' + '0,'.repeat(900000) + '0]').map(x => [x, x, x])",
            })
    void whatGrowsWithoutEndIsEnded(String body) {
        ScriptFailure failure = failure(body);
        assertTrue(
                LIMIT_CODES.contains(failure.code()) || failure.why().contains("nested deeper"),
                () -> failure.code() + ": " + failure.why());
        assertEquals(2L, run("return 1 + 1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "return [...'x'.repeat(2e6)]",
                "return Object.keys({...'x'.repeat(2e6)})",
                "return Object.entries('x'.repeat(2e6))",
                "return Object.keys(new String('x'.repeat(2e6)))",
                "return Object.assign({}, 'x'.repeat(2e6))",
                "return Object.getOwnPropertyDescriptors('x'.repeat(2e6))",
                "return Object.entries(new Array(6e4).fill(1))",
                "return new Array(1e6).fill(1)",
                "return Array.from('x'.repeat(2e6))",
                "return new Set('x'.repeat(2e6))",
                "return '\\uFDFA'.repeat(2e6).normalize('NFKD')",
                "return Text.fold('\\u1E69'.repeat(2e6))",
                "return '\\u0390'.repeat(2e6).toUpperCase()",
                "return '\\u0130'.repeat(2e6).toLocaleLowerCase()",
                "return JSON.stringify('\\u0001'.repeat(2e6))",
                "return Decimal(1).plus('1e999999999')",
                "return Decimal(1).dividedBy('1e-999999999', 2)",
                "return Decimal(1).compare('1e999999999')",
                "return 'x'.repeat(2e6).indexOf('x'.repeat(1e6) + 'z')",
                "return 'x'.repeat(2e6).lastIndexOf('z' + 'x'.repeat(1e6))",
                "return 'x'.repeat(2e6).includes('x'.repeat(1e6) + 'z')",
                "return 'x'.repeat(2e6).split('x'.repeat(1e6) + 'z')",
                "return 'x'.repeat(2e6).replaceAll('x'.repeat(1e6) + 'z', '')",
                "return new Array(5e4).fill('x'.repeat(1e6)).indexOf('x'.repeat(1e6 - 1) + 'y')",
                "var s = 'x'.repeat(1e6), t = 'x'.repeat(1e6); return new Array(5e4).fill(s).fill(t, 2e4).sort()",
            })
    void whatJavaDoesInOneGoIsBoundedBefore(String body) {
        assertTimeoutPreemptively(
                Duration.ofMinutes(3),
                () -> {
                    run("return 1");
                    long before = allocated();
                    ScriptFailure failure = assertThrows(ScriptFailure.class, () -> run(body), body);
                    assertTrue(LIMIT_CODES.contains(failure.code()), () -> failure.code() + ": " + failure.why());
                    long taken = allocated() - before;
                    assertTrue(taken < 4 * LIMITS.memoryBytes(), () -> (taken >> 20) + " MB");
                },
                body);
        assertEquals(2L, run("return 1 + 1"));
    }

    private static long allocated() {
        return ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                ? threads.getCurrentThreadAllocatedBytes()
                : 0;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(function(){}).constructor('return 1')()",
                "(() => 1).constructor('return 1')()",
                "(function*(){}).constructor('yield 1')",
                "[].constructor.constructor('return 1')()",
                "''.constructor.constructor('return 1')()",
                "Object.getPrototypeOf(function(){}).constructor('return 1')()",
                "Object.getOwnPropertyDescriptor(Object.getPrototypeOf(function(){}), 'constructor').value('return 1')()",
                "''.getClass()",
                "(1).getClass()",
                "[].getClass().forName('java.lang.Runtime')",
                "new Error('x').getClass()",
                "JSON.parse('[1]').getClass()",
                "Decimal(1).getClass()",
                "Bytes.fromHex('00').getClass()",
                "Time.getClass()",
                "Object.prototype.polluted = 1",
                "Array.prototype.push = function() { return 7 }",
                "String.prototype.trim = () => 'x'",
                "Object.defineProperty(Object.prototype, 'polluted', {value: 1})",
                "Object.setPrototypeOf(Array.prototype, {polluted: 1})",
                "Array.prototype.__proto__ = {polluted: 1}",
                "[].__proto__.polluted = 1",
                "({}).__proto__.polluted = 1",
                "Object.assign(Object.prototype, {polluted: 1})",
                "Math.PI = 3",
                "Math.abs = 1",
                "JSON.parse = null",
                "Hash.sha256 = () => ''",
                "Decimal(1).value = 2",
                "delete Array.prototype.push",
                "undefined = 1",
                "this.leaked = 1",
                "Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({done: true})",
                "Object.getPrototypeOf(''[Symbol.iterator]()).polluted = 1",
                "Object.getPrototypeOf(new Map()[Symbol.iterator]()).polluted = 1",
                "Object.getPrototypeOf(new Set().values()).polluted = 1",
                "Object.getPrototypeOf('x'.matchAll(/x/g)).polluted = 1",
                "Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())).polluted = 1",
                "Object.getPrototypeOf(function*(){}).polluted = 1",
                "Object.getPrototypeOf(function*(){}).prototype.next = 1",
                "Object.getPrototypeOf(Object.getPrototypeOf((function*(){})())).polluted = 1",
                "Symbol.iterator = 1",
                "Symbol.for('kept for ever')",
                "Symbol.keyFor(Symbol('a'))",
            })
    void nothingLeadsOutAndNothingStays(String body) {
        ScriptFailure failure = failure(body);
        assertEquals("SCRIPT_ERROR", failure.code(), failure.why());
        assertEquals(
                "undefined,undefined,1",
                run("return [typeof ({}).polluted, typeof [].polluted, [1].push(5) - 1].join()"));
    }

    @Test
    void statisticsOfRegularExpressionsDoNotReachTheNextEvent() {
        assertEquals("12", run("/(1.)/.exec('x12x'); return RegExp.$1"));
        assertEquals("", run("return RegExp.$1"));
    }

    @Test
    void newSyntaxForLaterWorkIsNotThere() {
        for (String body : List.of("leaked = 1", "async function f() {}", "return import('fs')", "await 1; return 1")) {
            assertThrows(ScriptProblem.class, () -> run(body), body);
        }
        for (String name :
                List.of("setTimeout", "Promise", "WeakRef", "SharedArrayBuffer", "Proxy", "Reflect", "Iterator")) {
            assertThrows(ScriptProblem.class, () -> run("return " + name), name);
        }
    }

    @Test
    void ordinaryWorkIsFarFromTheLimits() {
        assertEquals(
                10_000L,
                run(
                        "var a = []; for (var i = 0; i < 10000; i++) a.push({i, s: 'v' + i});"
                                + " return JSON.parse(JSON.stringify(a)).filter(x => x.s.endsWith(x.i)).map(x => x.i).sort((x, y) => y - x).length"));
        assertEquals(100_000L, run("var s = ''; for (var i = 0; i < 100000; i++) s += 'x'; return s.length"));
        assertEquals(
                4_950_000L,
                run(
                        "var s = 'c'.repeat(50000), n = 0; for (var i = 0; i < s.length; i++) n += s.charCodeAt(i); return n"));
        assertEquals(5_000L, run("var s = 'ab '.repeat(5000), n = 0, r = /a/g; while (r.exec(s)) n++; return n"));
        assertEquals(
                20_000L, run("return 'ab '.repeat(20000).split(' ').map(x => x.toUpperCase()).filter(x => x).length"));
        assertEquals(3L, run("return 'a b c'.indexOf('b c') + ['x'.repeat(5000), 'y'].indexOf('y')"));
        assertEquals("a,b", run("return ['b', 'a'].sort().join()"));
        assertEquals("f", run("return ({...{f: () => 1}, g() {}}).f.name"));
        assertEquals("b-a", run("return 'a-b'.replace(/(\\w)-(\\w)/, '$2-$1')"));
    }
}
