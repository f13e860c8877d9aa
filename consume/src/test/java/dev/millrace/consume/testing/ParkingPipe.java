package dev.millrace.consume.testing;

import dev.millrace.config.pipeline.ConnectorDefinition;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.Guarantee;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.setting.Secret;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.Consumer;
import dev.millrace.consume.Stores;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.mapping.MappingChoices;
import dev.millrace.consume.mapping.MappingView;
import dev.millrace.storage.crypto.KeyRing;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.StateStore;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Consumers with a queue of failed events, between a log and a destination, and a clock that a test moves. */
public final class ParkingPipe {
    private static final KeyRing KEYS = KeyRing.of(List.of(new Secret("00".repeat(32))));
    private static final int WAIT_SECONDS = 180;

    private final Topic topic;
    private final StateStore state;
    private final Optional<Guarantee> guarantee;
    private final ConsumeOptions options;
    private final MovableClock clock = new MovableClock();
    private final MappingChoices choices;
    private FailedPolicy policy = FailedPolicy.DEFAULT;
    private LoadRules rules;
    private Settings settings = new Settings(Map.of());
    private long waitSeconds = WAIT_SECONDS;
    private MappingRules mapping = MappingRules.DEFAULTS;
    private List<TransformDefinition> transform = List.of();
    private Set<String> neighbours = Set.of();

    public ParkingPipe(
            Topic topic, StateStore state, OnDelete onDelete, Optional<Guarantee> guarantee, ConsumeOptions options) {
        this.topic = topic;
        this.state = state;
        this.guarantee = guarantee;
        this.options = options;
        this.choices = new MappingChoices("orders", state);
        this.rules = LoadRules.merge(onDelete);
    }

    /** A clock that stands until it is moved. */
    public static final class MovableClock extends Clock {
        private volatile Instant now = Instant.parse("2026-11-21T08:00:00Z");

        public void forward(long millis) {
            now = now.plusMillis(millis);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    public MovableClock clock() {
        return clock;
    }

    public ParkingPipe policy(FailedPolicy newPolicy) {
        policy = newPolicy;
        return this;
    }

    /** How consumers made from now on load. */
    public ParkingPipe rules(LoadRules newRules) {
        rules = newRules;
        return this;
    }

    /** What consumers made from now on do to rows before. */
    public ParkingPipe transform(List<TransformDefinition> newTransform) {
        transform = newTransform;
        return this;
    }

    /** The destination's settings, as far as a consumer asks for them. */
    public ParkingPipe into(Settings newSettings) {
        settings = newSettings;
        return this;
    }

    /** Beside other pipelines of the same destination. */
    public ParkingPipe beside(String... pipelines) {
        neighbours = Set.of(pipelines);
        return this;
    }

    /** How long a run may take. */
    public ParkingPipe waiting(long seconds) {
        waitSeconds = seconds;
        return this;
    }

    public ParkingPipe mapping(MappingRules rules) {
        mapping = rules;
        return this;
    }

    /** What is chosen while it runs and between. */
    public MappingChoices choices() {
        return choices;
    }

    /** The objects as a user sees them. */
    public MappingView view() {
        return MappingView.of(state, "orders", mapping);
    }

    /** The queue as a process that starts now finds it. */
    public FailedQueue queue() {
        return new FailedQueue("orders", state, KEYS, policy, clock);
    }

    public Consumer consumer(Destination destination, FailedQueue queue) {
        ConnectorDefinition end = new ConnectorDefinition("any", new Settings(Map.of()));
        DestinationDefinition into = new DestinationDefinition("any", settings);
        PipelineDefinition definition = new PipelineDefinition(
                        "orders", end, List.of("*"), into, rules, guarantee, Optional.empty())
                .withFailed(policy)
                .withMapping(mapping)
                .withTransform(transform);
        return new Consumer(
                definition,
                destination,
                new Stores(topic, state, Optional.of(queue), choices, neighbours),
                options,
                clock);
    }

    /** Runs a new consumer until everything in the log is applied and then {@code done} says so; throws what it threw. */
    public void run(Destination destination, FailedQueue queue, BooleanSupplier done) throws InterruptedException {
        run(consumer(destination, queue), queue, done);
    }

    /** Runs the consumer, which is at its end then. */
    public void run(Consumer consumer, FailedQueue queue, BooleanSupplier done) throws InterruptedException {
        CompletableFuture<Void> run = CompletableFuture.runAsync(() -> {
            try {
                consumer.run();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds);
        while (!run.isDone() && !(consumer.awaitApplied(topic.appendedIndex(), 5) && done.getAsBoolean())) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException("not done in time: " + consumer.status() + " " + queue.counts());
            }
        }
        if (!run.isDone()) {
            consumer.stop();
        }
        try {
            run.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("did not stop", e);
        }
    }
}
