package dev.millrace.consume.transform.steps;

import static dev.millrace.consume.testing.StepBench.UNCHANGED;
import static dev.millrace.consume.testing.StepBench.column;
import static dev.millrace.consume.testing.StepBench.key;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.consume.testing.StepBench;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is dropped, filtered and routed, what moves with its key, and what is left UNCHANGED. */
class SelectionTest {
    private static final Column ID = key("id", Type.INTEGER);
    private static final Column N = column("n", Type.INTEGER);
    private static final Column T = column("t", Type.STRING);
    private static final String POSITIVE = "- filter: n > 0";
    private static final String ROUTES = "- route: {when: n == 1, to: one}\n- route: {when: n == 2, to: two}";

    @TempDir
    Path folder;

    @Test
    void droppedEventsGoNoFurther() throws IOException {
        StepBench bench = bench("- drop: n == 1")
                .row(Operation.INSERT, 1, 1, "a")
                .row(Operation.UPDATE, 2, 1, "b")
                .row(Operation.DELETE, 3, UNCHANGED, UNCHANGED)
                .row(Operation.UPDATE, 4, UNCHANGED, "b")
                .row(Operation.INSERT, 5, 2, "a");
        assertEquals(List.of("DELETE public.orders id=3 n=~ t=~", "INSERT public.orders id=5 n=2 t=a"), bench.run());
        assertEquals("[TRANSFORM_VALUE_MISSING", bench.failures().toString().substring(0, 24));
        assertEquals(1, bench.failures().size());
    }

    @Test
    void aRowThatCeasesToPassTheFilterIsDeleted() throws IOException {
        StepBench bench = bench(POSITIVE)
                .row(Operation.INSERT, 1, 5, "a")
                .row(Operation.INSERT, 2, -5, "a")
                .row(Operation.UPDATE, 1, -1, UNCHANGED)
                .row(Operation.DELETE, 1, UNCHANGED, UNCHANGED)
                .row(Operation.DELETE, 2, -5, "a");
        assertEquals(
                List.of(
                        "INSERT public.orders id=1 n=5 t=a",
                        "DELETE public.orders id=1 n=~ t=~",
                        "DELETE public.orders id=1 n=~ t=~"),
                bench.run());
        assertEquals(List.of(), bench.failures());
    }

    @Test
    void aRowThatMayBeNewBehindTheFilterHasToBeWhole() throws IOException {
        StepBench bench = bench(POSITIVE)
                .row(Operation.UPDATE, 1, 5, "a")
                .row(Operation.UPDATE, 2, 5, UNCHANGED)
                .change(Operation.UPDATE, new Object[] {3, -5, "old"}, 3, 5, UNCHANGED)
                .change(Operation.UPDATE, new Object[] {4, 5, "old"}, 4, 6, UNCHANGED);
        assertEquals(
                List.of(
                        "UPDATE public.orders id=1 n=5 t=a",
                        "INSERT public.orders id=3 n=5 t=old",
                        "UPDATE public.orders id=4 n=6 t=~ before id=4 n=5 t=old"),
                bench.run());
        assertEquals(1, bench.failures().size(), bench.failures().toString());
    }

    @Test
    void aRowThatLeavesByAChangedKeyIsDeletedUnderItsOldOne() throws IOException {
        assertEquals(
                List.of("DELETE public.orders id=1 n=~ t=~", "UPDATE public.orders id=4 n=1 t=a before id=3 n=~ t=~"),
                bench(POSITIVE)
                        .change(Operation.UPDATE, new Object[] {1, UNCHANGED, UNCHANGED}, 2, -1, "a")
                        .change(Operation.UPDATE, new Object[] {3, UNCHANGED, UNCHANGED}, 4, 1, "a")
                        .run());
    }

    @Test
    void aFilterOnTheKeyNeedsNothingElse() throws IOException {
        assertEquals(
                List.of("UPDATE public.orders id=2 n=1 t=~", "DELETE public.orders id=2 n=~ t=~"),
                bench("- filter: id % 2 == 0")
                        .row(Operation.UPDATE, 1, 1, UNCHANGED)
                        .row(Operation.UPDATE, 2, 1, UNCHANGED)
                        .change(Operation.UPDATE, new Object[] {2, UNCHANGED, UNCHANGED}, 3, 1, UNCHANGED)
                        .run());
    }

    @Test
    void aScriptBehindARouteIsGivenARowThatEntersAsANewOne() throws IOException {
        Files.writeString(
                folder.resolve("two.js"),
                "function transform(e) { return e.operation === 'DELETE' ? e : [e, {values: {id: e.values.id + 100, n: 1, t: 'x'}}] }");
        StepBench bench =
                bench(ROUTES + "\n- script: two.js").change(Operation.UPDATE, new Object[] {1, 1, "c"}, 1, 2, "c");
        assertEquals(
                List.of(
                        "DELETE public.one id=1 n=~ t=~",
                        "INSERT public.two id=1 n=2 t=c",
                        "INSERT public.two id=101 n=1 t=x"),
                bench.run());
        assertEquals(List.of(), bench.failures());
    }

    @Test
    void aScriptBehindAnotherIsGivenFurtherRowsAsNewOnes() throws IOException {
        String more = "function transform(e) { const v = e.values; return e.operation === 'DELETE' || v.n < 2 ? e : ";
        Files.writeString(folder.resolve("a.js"), more + "[e, {values: {id: v.id + 100, n: 2, t: 'a'}}] }");
        Files.writeString(folder.resolve("b.js"), more + "[e, {values: {id: v.id + 1000, n: 2, t: 'b'}}] }");
        StepBench bench =
                bench("- script: a.js\n- script: b.js").change(Operation.UPDATE, new Object[] {1, 1, "c"}, 1, 2, "c");
        assertEquals(
                List.of(
                        "UPDATE public.orders id=1 n=2 t=c before id=1 n=1 t=c",
                        "INSERT public.orders id=1001 n=2 t=b",
                        "INSERT public.orders id=101 n=2 t=a",
                        "INSERT public.orders id=1101 n=2 t=b"),
                bench.run());
        assertEquals(List.of(), bench.failures());
    }

    @Test
    void rowsGoTheirRoutesAndLeaveTheOthers() throws IOException {
        assertEquals(
                List.of(
                        "INSERT public.one id=1 n=1 t=a",
                        "INSERT public.orders id=2 n=3 t=a",
                        "DELETE public.orders id=1 n=~ t=~",
                        "DELETE public.one id=1 n=~ t=~",
                        "UPDATE public.two id=1 n=2 t=b",
                        "DELETE public.one id=1 n=~ t=~",
                        "INSERT public.two id=1 n=2 t=c"),
                bench(ROUTES)
                        .row(Operation.INSERT, 1, 1, "a")
                        .row(Operation.INSERT, 2, 3, "a")
                        .row(Operation.UPDATE, 1, 2, "b")
                        .change(Operation.UPDATE, new Object[] {1, 1, "c"}, 1, 2, UNCHANGED)
                        .run());
        assertEquals(
                List.of(
                        "DELETE public.orders id=1 n=~ t=~",
                        "DELETE public.one id=1 n=~ t=~",
                        "DELETE public.two id=1 n=~ t=~",
                        "DELETE public.two id=1 n=2 t=x"),
                bench(ROUTES)
                        .row(Operation.DELETE, 1, UNCHANGED, UNCHANGED)
                        .row(Operation.DELETE, 1, 2, "x")
                        .run());
    }

    @Test
    void rowsWithoutAKeyAreTakenFromWhereTheyWere() throws IOException {
        Column plain = column("id", Type.INTEGER);
        StepBench bench = new StepBench(folder, POSITIVE + "\n" + ROUTES, plain, N)
                .change(Operation.UPDATE, new Object[] {1, 1}, 1, 2)
                .change(Operation.UPDATE, new Object[] {1, 1}, 2, 1)
                .change(Operation.UPDATE, new Object[] {1, 1}, 2, -1)
                .change(Operation.UPDATE, new Object[] {1, -1}, 2, 1)
                .row(Operation.UPDATE, 1, 1)
                .row(Operation.DELETE, 1, -1)
                .row(Operation.DELETE, 1, 1);
        assertEquals(
                List.of(
                        "DELETE public.one id=1 n=1",
                        "INSERT public.two id=1 n=2",
                        "UPDATE public.one id=2 n=1 before id=1 n=1",
                        "DELETE public.one id=1 n=1",
                        "INSERT public.one id=2 n=1",
                        "DELETE public.one id=1 n=1"),
                bench.run());
        assertEquals(1, bench.failures().size(), bench.failures().toString());
    }

    @Test
    void whatDependsOnUnchangedValuesIsUnchangedOrRefused() throws IOException {
        StepBench bench = bench("- upper: [t]\n- set: {u: \"t + n\"}")
                .row(Operation.UPDATE, 1, UNCHANGED, UNCHANGED)
                .row(Operation.UPDATE, 2, 3, UNCHANGED)
                .change(Operation.UPDATE, new Object[] {3, 3, "x"}, 3, 4, UNCHANGED);
        assertEquals(
                List.of(
                        "UPDATE public.orders id=1 n=~ t=~ u=~",
                        "UPDATE public.orders id=3 n=4 t=X u=X4 before id=3 n=3 t=X u=X3"),
                bench.run());
        assertEquals(1, bench.failures().size(), bench.failures().toString());
    }

    @Test
    void aWayThatWasChosenAnewIsNotTakenForUnchanged() throws IOException {
        StepBench bench = bench("- if: {when: n > 0, then: [{set: {t: \"'big'\"}}]}")
                .row(Operation.UPDATE, 1, 5, UNCHANGED)
                .row(Operation.UPDATE, 2, -5, UNCHANGED)
                .row(Operation.UPDATE, 3, UNCHANGED, UNCHANGED);
        assertEquals(List.of("UPDATE public.orders id=1 n=5 t=big", "UPDATE public.orders id=3 n=~ t=~"), bench.run());
        assertEquals(1, bench.failures().size(), bench.failures().toString());
    }

    @Test
    void aChangedKeyMovesTheRow() throws IOException {
        assertEquals(
                List.of(
                        "UPDATE public.orders id=K2 n=1 t=~ before id=K1 n=~ t=~",
                        "DELETE public.orders id=K2 n=~ t=~"),
                bench("- set: {id: {value: \"'K' + id\", type: string}}")
                        .change(Operation.UPDATE, new Object[] {1, UNCHANGED, UNCHANGED}, 2, 1, UNCHANGED)
                        .row(Operation.DELETE, 2, UNCHANGED, UNCHANGED)
                        .run());
    }

    @Test
    void aKeyMadeOfOtherColumnsNeedsTheRowBefore() throws IOException {
        StepBench bench = bench("- set: {id: {value: \"id + '/' + n\", type: string}}")
                .row(Operation.UPDATE, 1, 5, "a")
                .row(Operation.DELETE, 1, UNCHANGED, UNCHANGED)
                .change(Operation.UPDATE, new Object[] {1, 4, "a"}, 1, 5, "a")
                .row(Operation.DELETE, 1, 5, "a");
        assertEquals(
                List.of(
                        "UPDATE public.orders id=1/5 n=5 t=a before id=1/4 n=4 t=a",
                        "DELETE public.orders id=1/5 n=5 t=a"),
                bench.run());
        assertEquals(2, bench.failures().size(), bench.failures().toString());
    }

    @Test
    void aRowBeforeThatCouldNotBeMadeDoesNotHoldUpItsCorrection() throws IOException {
        StepBench bench = bench("- cast: {t: integer}")
                .row(Operation.INSERT, 1, 1, "x")
                .change(Operation.UPDATE, new Object[] {1, 1, "x"}, 1, 1, "5");
        assertEquals(List.of("UPDATE public.orders id=1 n=1 t=5 before id=1 n=1 t=~"), bench.run());
        assertEquals(1, bench.failures().size(), bench.failures().toString());
    }

    private StepBench bench(String steps) throws IOException {
        return new StepBench(folder, steps, ID, N, T);
    }
}
