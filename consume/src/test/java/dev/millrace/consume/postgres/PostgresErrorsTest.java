package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class PostgresErrorsTest {
    @Test
    void aDatabaseThatIsClosedForAWhileIsWaitedFor() {
        MillraceException failure = PostgresErrors.of(
                "Cannot connect",
                new SQLException("database \"shop\" is not currently accepting connections", "55000"));
        assertEquals("SERVER_NOT_READY", failure.code());
        assertEquals(Category.EXTERNAL, failure.category());
    }
}
