package dev.millrace.consume.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.consume.destination.NamingRules;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TargetNamesTest {
    @Test
    void noTableIsCalledAsTheHelperTablesOfAnother() {
        TargetNames names = new TargetNames(new NamingRules(63, true, "public"));
        for (String source : List.of(
                "orders__millrace_shadow",
                "__millrace_shadow_orders",
                "ORDERS__MILLRACE_SHADOW",
                "İ__millrace_positions",
                "__millrace__millrace_",
                "__mill__millrace_race_x")) {
            String free = names.free(source, Set.of());
            assertFalse(free.toLowerCase(Locale.ROOT).contains("__millrace_"), free);
            assertEquals(free, names.free(source, Set.of()), "the same each time");
        }
        assertEquals("orders_millrace", names.free("orders_millrace", Set.of()));
    }
}
