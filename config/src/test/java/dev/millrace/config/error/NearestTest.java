package dev.millrace.config.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearestTest {
    @Test
    void countsInsertionsDeletionsReplacementsAndSwaps() {
        assertEquals(0, Nearest.distance("host", "host"));
        assertEquals(1, Nearest.distance("hosts", "host"));
        assertEquals(1, Nearest.distance("hst", "host"));
        assertEquals(1, Nearest.distance("most", "host"));
        assertEquals(1, Nearest.distance("hsot", "host"));
        assertEquals(4, Nearest.distance("", "host"));
        assertEquals(3, Nearest.distance("ca", "abc"));
        assertEquals(3, Nearest.distance("kitten", "sitting"));
    }

    @Test
    void findsTheNameThatWasMeantWhateverItsCase() {
        List<String> names = List.of("host", "port", "password", "database");
        assertEquals(Optional.of("password"), Nearest.to("pasword", names));
        assertEquals(Optional.of("password"), Nearest.to("PASSWORD", names));
        assertEquals(Optional.of("database"), Nearest.to("databsae", names));
    }

    @Test
    void findsNothingForANameThatIsNothingLikeAny() {
        assertEquals(Optional.empty(), Nearest.to("colour", List.of("host", "port", "password")));
        assertEquals(Optional.empty(), Nearest.to("", List.of("a")));
        assertEquals(Optional.empty(), Nearest.to("x".repeat(10_000), List.of("x".repeat(199))));
    }
}
