package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.TargetName;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class PostgresErrorsTest {
    @Test
    void aDatabaseThatIsClosedForAWhileIsWaitedFor() {
        MillraceException failure = PostgresErrors.of(
                "Cannot connect",
                new SQLException("database \"shop\" is not currently accepting connections", "55000"));
        assertEquals("SERVER_NOT_READY", failure.code());
        assertEquals(Category.EXTERNAL, failure.category());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "23514", "22001", "P0001", "P0004", "54000", "44000", "09000", "21000", "27000", "45000", "U0001",
                "UE1", "99999"
            })
    void aRowIsAtFaultInWhateverStateATriggerRefusesIt(String state) {
        assertTrue(PostgresErrors.isData(said(state, "")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08006", "0A000", "22P03", "25006", "28000", "3F000", "40001", "40P01", "42501", "42703", "42P01",
                "53100", "54001", "54011", "55P03", "57014", "57P01", "58030", "F0000", "HV000", "XX000", "XX001"
            })
    void whatTheServerSaysOfItselfIsNoRowsFault(String state) {
        assertFalse(PostgresErrors.isData(said(state, "")));
    }

    @Test
    void aFunctionsOwnFailureIsTheRowsAndTheDriversIsNot() {
        assertTrue(PostgresErrors.isData(said("XX000", "PL/Perl function \"rule\"")));
        assertFalse(PostgresErrors.isData(said("57014", "PL/pgSQL function rule() line 1 at PERFORM")));
        assertFalse(PostgresErrors.isData(new SQLException("unexpected", "99999")));
        assertFalse(PostgresErrors.isData(new SQLException("lost")));
    }

    /** Messages are logged, and listed for everybody. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "23505|duplicate key value violates unique constraint \"u\"|Key (a, b)=(zqx, ) zqx (1)) already exists.|(Key (a, b)=(***) already exists.)",
                "23503|insert or update on table \"t\" violates foreign key constraint \"f\"|Key (a)=(zqx) is not present in table \"p\".|in table \"p\".",
                "23503|update or delete on table \"t\" violates foreign key constraint \"f\" on table \"c\"|Key (a)=(zqx) is still referenced from table \"c\".|from table \"c\".",
                "23P01|conflicting key value violates exclusion constraint \"e\"|Key (a)=(zqx) conflicts with existing key (a)=(zqx).|constraint \"e\" (SQLSTATE",
                "23514|new row for relation \"t\" violates check constraint \"c\"|Failing row contains (1, zqx).|check constraint \"c\" (SQLSTATE",
                "23514|zqx is no address||(SQLSTATE 23514)",
                "22P02|invalid input syntax for type integer: \"zqx\"||syntax for type integer (SQLSTATE",
                "22P02|invalid input value for enum mood: \"zqx\"||for enum mood (SQLSTATE",
                "22003|value \"zqx\" is out of range for type integer||(SQLSTATE 22003)",
                "22003|numeric field overflow|A field with precision 5, scale 2 must round to an absolute value less than 10^3.|than 10^3.",
                "22001|value too long for type character varying(5)||character varying(5)",
                "23505|doppelter Schlüsselwert verletzt Unique-Constraint »zqx«|Schlüssel »(a)=(zqx)« existiert bereits.|(SQLSTATE 23505)",
                "P0001|zqx is refused|zqx|(SQLSTATE P0001)"
            })
    void whatTheServerSaysOfARowIsToldWithoutItsValues(String state, String message, String detail, String shown) {
        SQLException said = new PSQLException(new ServerErrorMessage(
                "SERROR\0C" + state + "\0M" + message + (detail == null ? "" : "\0D" + detail) + "\0Wzqx\0"));
        DataException refused = (DataException) PostgresErrors.at(new TargetName("public", "t"), said);
        assertTrue(refused.why().contains(shown), refused::why);
        assertFalse(refused.toString().contains("zqx"), refused::toString);
        assertNull(refused.getCause());
        assertTrue(refused.reason().withValues().contains(message), () -> refused.reason()
                .withValues());
    }

    private static SQLException said(String state, String where) {
        return new PSQLException(new ServerErrorMessage("SERROR\0C" + state + "\0Mno\0W" + where + "\0"));
    }
}
