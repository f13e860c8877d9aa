package dev.millrace.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SqlScriptTest {
    @Test
    void semicolonsInQuotesAndCommentsEndNothing() {
        List<String> statements = List.of(
                "SELECT 'a;b''c;'",
                "SELECT \"x;y\" /* ; */",
                "CREATE FUNCTION f() AS $_$ BEGIN; $$ ; $$ END; $_$",
                "-- it's; only talk\nSELECT $1");
        List<SqlScript.Step> steps = SqlScript.steps(String.join(";\n", statements) + ";\n-- the end\n");
        assertEquals(statements, steps.stream().map(SqlScript.Step::sql).toList());
    }

    @Test
    void aCopyCarriesItsDataEvenWhenThatIsEmptyOrLooksLikeSql() {
        List<SqlScript.Step> steps = SqlScript.steps(
                "-- data\nCOPY t (a) FROM stdin;\n1;'\n2\n\\.\n\nCOPY u FROM stdin;\n\\.\n\nSELECT 1;\n");
        assertEquals(
                List.of(
                        new SqlScript.Step("COPY t (a) FROM stdin", "1;'\n2\n"),
                        new SqlScript.Step("COPY u FROM stdin", ""),
                        new SqlScript.Step("SELECT 1", null)),
                steps);
    }

    @Test
    void aCutScriptIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> SqlScript.steps("SELECT 1"));
        assertThrows(IllegalArgumentException.class, () -> SqlScript.steps("SELECT 'x;"));
        assertThrows(IllegalArgumentException.class, () -> SqlScript.steps("COPY t FROM stdin;\n1\n"));
    }
}
