package dev.millrace.app.fault.network;

import dev.millrace.app.fault.MillraceProcess;
import dev.millrace.app.fault.Stage;
import dev.millrace.config.error.MillraceException;
import dev.millrace.web.ControlAddress;
import dev.millrace.web.ControlClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A process of Millrace that runs one pipeline, seen through what it tells its user. For one thread, the trial's. */
final class Running implements AutoCloseable {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Stage stage;
    private final MillraceProcess process;
    private ControlClient client;

    private Running(Stage stage, MillraceProcess process) {
        this.stage = stage;
        this.process = process;
    }

    /** What the pipeline's status says. */
    record View(String state, String reason, long read, long loaded, boolean ready, boolean allFollowing) {
        static final View NONE = new View("", "", 0, 0, false, false);
    }

    /** Takes over a process that was started on the stage; returns when it answers. */
    static Running of(Stage stage, MillraceProcess process) throws InterruptedException {
        Running running = new Running(stage, process);
        try {
            running.await("answers", Stage.SECONDS, view -> !view.state().isEmpty());
            return running;
        } catch (InterruptedException | RuntimeException | Error e) {
            process.close();
            throw e;
        }
    }

    /** The status now, {@link View#NONE} while there is none; an error where the process has ended. */
    View look() throws InterruptedException {
        int code = process.awaitMillis(0);
        if (code != -1) {
            throw new AssertionError("ended by itself with " + code + ": " + process.text());
        }
        if (client == null) {
            Optional<ControlAddress> address = ControlAddress.readFrom(stage.data());
            if (address.isEmpty()) {
                return View.NONE;
            }
            client = new ControlClient(address.get());
        }
        JsonNode status;
        try {
            status = client.status();
        } catch (MillraceException e) {
            if (e.code().equals("CONTROL_NO_ANSWER")) {
                return View.NONE; // too busy to say, or about to end, which the next look shows
            }
            throw e;
        }
        JsonNode pipeline = status.path("pipelines").path(0);
        boolean following = !pipeline.path("objects").isEmpty();
        for (JsonNode object : pipeline.path("objects")) {
            following &= object.path("phase").asString("").equals("FOLLOWING");
        }
        return new View(
                pipeline.path("state").asString(""),
                pipeline.path("reason").asString(""),
                pipeline.path("eventsRead").asLong(0),
                pipeline.path("rowsLoaded").asLong(0),
                status.path("ready").asBoolean(false),
                following);
    }

    /** Waits until the status is as wanted; the nanoseconds it took. */
    long await(String what, long seconds, Predicate<View> wanted) throws InterruptedException {
        long from = System.nanoTime();
        view(what, seconds, wanted);
        return System.nanoTime() - from;
    }

    /** Waits until the status is as wanted; that status. */
    View view(String what, long seconds, Predicate<View> wanted) throws InterruptedException {
        long from = System.nanoTime();
        View view = look();
        while (!wanted.test(view)) {
            if (System.nanoTime() - from > TimeUnit.SECONDS.toNanos(seconds)) {
                throw new AssertionError("not within " + seconds + " s: " + what + ", but " + view + "\n" + log());
            }
            LockSupport.parkNanos(LOOK_NANOS);
            view = look();
        }
        return view;
    }

    /** Waits until more is read and more is loaded than now, by itself; the milliseconds it took. */
    long awaitGettingOn(long seconds) throws InterruptedException {
        View[] start = new View[1];
        await("says where it is", seconds, view -> {
            start[0] = view;
            return !view.equals(View.NONE);
        });
        View before = start[0];
        long nanos = await(
                "gets on",
                seconds,
                view -> view.read() > before.read()
                        && view.loaded() > before.loaded()
                        && view.state().equals("RUNNING"));
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    /** Waits until the status names the trouble; its reason. */
    String awaitTrouble(String state, long seconds, String... words) throws InterruptedException {
        String[] reason = new String[1];
        await("says " + state + " " + String.join(", ", words), seconds, view -> {
            reason[0] = view.reason();
            boolean all = view.state().equals(state);
            for (String word : words) {
                all &= view.reason().contains(word);
            }
            return all;
        });
        return reason[0];
    }

    /** Waits until events of the object are parked for this reason, while the pipeline runs on. */
    void awaitParked(String pipeline, String object, String code, long seconds) throws InterruptedException {
        await("parks " + object + " for " + code, seconds, view -> {
            boolean found = false;
            for (JsonNode group : client.failed(pipeline, "object=" + object).path("groups")) {
                found |= group.path("object").asString("").equals(object)
                        && group.path("code").asString("").equals(code);
            }
            return found && view.state().equals("RUNNING");
        });
    }

    /** As {@code millrace failed replay --all}, until nothing is parked any more. */
    void replayAll(String pipeline, long seconds) throws InterruptedException {
        client.failedReplay(pipeline, "all=true");
        awaitNoneParked(pipeline, seconds);
    }

    /** Waits until nothing is parked any more. */
    void awaitNoneParked(String pipeline, long seconds) throws InterruptedException {
        await("has nothing parked", seconds, view -> client.failed(pipeline, "")
                .path("groups")
                .isEmpty());
    }

    /** As {@code millrace reload}; {@code *} is {@code --all}. */
    void reload(String pipeline, String object) {
        client.reload(pipeline, object);
    }

    /** Ends it as a service is stopped, which it has to do in good order. */
    void stop() throws InterruptedException {
        int code = process.stop(Stage.SECONDS);
        if (code != 143) {
            throw new AssertionError("stopped with " + code + ": " + process.text());
        }
    }

    /** What it has printed, and the end of its log; for messages. */
    String log() {
        try {
            StringBuilder text = new StringBuilder(process.text());
            for (String log : logs()) {
                text.append('\n').append(log.substring(Math.max(0, log.length() - 6_000)));
            }
            return text.toString();
        } catch (IOException e) {
            return process.text() + e;
        }
    }

    /** Whether these words are in its log or in what it has printed. */
    boolean hasLogged(String words) {
        try {
            boolean found = process.output().contains(words);
            for (String log : logs()) {
                found |= log.contains(words);
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> logs() throws IOException {
        List<String> logs = new ArrayList<>();
        try (Stream<Path> files = Files.list(stage.data().resolve("logs"))) {
            for (Path file : files.toList()) {
                logs.add(Files.readString(file));
            }
        }
        return logs;
    }

    @Override
    public void close() {
        process.close();
    }
}
