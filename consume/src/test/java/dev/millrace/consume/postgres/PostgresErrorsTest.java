package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

    private static SQLException said(String state, String where) {
        return new PSQLException(new ServerErrorMessage("SERROR\0C" + state + "\0Mno\0W" + where + "\0"));
    }
}
