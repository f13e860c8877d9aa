package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class HealthTest {
    /** Whatever was asked before: no display may have been looking meanwhile. */
    @Test
    void whatATryHasOvercomeIsNoTroubleToWhoeverAsksFirst() {
        List<Predicate<Health>> questions = List.of(
                health -> health.troubled("load"),
                health -> health.ended("load"),
                health -> health.end().isPresent(),
                health -> health.failure().isPresent(),
                health -> health.persistent(0).isPresent(),
                health -> !health.why().isEmpty(),
                health -> health.state() != PipelineState.RUNNING);
        for (Predicate<Health> question : questions) {
            AtomicBoolean gettingOn = new AtomicBoolean();
            Health health = new Health("shop");
            health.running();
            health.failed("load", MillraceException.resource("FULL", "There is no more room", "", "", null));
            health.started("load", gettingOn::get);
            assertTrue(question.test(health), "until the try gets on");
            gettingOn.set(true);
            assertFalse(question.test(health));
        }
    }
}
