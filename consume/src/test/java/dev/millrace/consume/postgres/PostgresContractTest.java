package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.DestinationContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class PostgresContractTest {
    @TestFactory
    Stream<DynamicTest> postgresKeepsTheDestinationContract() {
        return DestinationContract.tests(PostgresFixture::new);
    }
}
