package dev.millrace.storage.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PeerWatchTest {
    private static final long SECONDS = 120;
    private static final Duration SILENCE = Duration.ofMillis(20);

    /** Gives these answers, the last one for ever. */
    private static final class Scripted implements Peer {
        private final Deque<Pulse> answers;
        private final CountDownLatch cut = new CountDownLatch(1);
        private final CountDownLatch told;

        Scripted(Pulse... answers) {
            this.answers = new ArrayDeque<>(List.of(answers));
            this.told = new CountDownLatch(answers.length + 1);
        }

        @Override
        public Pulse pulse() {
            told.countDown();
            return answers.size() > 1 ? answers.poll() : answers.peek();
        }

        @Override
        public void cut() {
            cut.countDown();
        }
    }

    @Test
    void aCallIsCutAtOnceWhenTheServerDoesNotKnowIt() throws Exception {
        Scripted peer = new Scripted(Peer.Pulse.GONE);
        try (PeerWatch watch = new PeerWatch("watch", SILENCE)) {
            PeerWatch.Watched call = watch.watch(peer);
            call.begin();
            assertTrue(peer.cut.await(SECONDS, TimeUnit.SECONDS));
            assertTrue(call.cutBecause().orElseThrow().contains("knows nothing"), call.cutBecause()::toString);
        }
    }

    @Test
    void aServerAtWorkIsWaitedForUntilItWaitsForUsTwice() throws Exception {
        Scripted peer = new Scripted(
                Peer.Pulse.AT_WORK,
                Peer.Pulse.AT_WORK,
                Peer.Pulse.WAITS_FOR_US,
                Peer.Pulse.AT_WORK,
                Peer.Pulse.WAITS_FOR_US);
        try (PeerWatch watch = new PeerWatch("watch", SILENCE)) {
            watch.watch(peer).begin();
            assertTrue(peer.cut.await(SECONDS, TimeUnit.SECONDS));
            assertEquals(0, peer.told.getCount(), "all answers but the last are needed, and that twice");
        }
    }

    @Test
    void onlyACallThatWaitsIsAskedAbout() throws Exception {
        Scripted quiet = new Scripted(Peer.Pulse.GONE);
        Scripted over = new Scripted(Peer.Pulse.GONE);
        Scripted other = new Scripted(Peer.Pulse.OUT_OF_REACH);
        try (PeerWatch watch = new PeerWatch("watch", SILENCE)) {
            PeerWatch.Watched idle = watch.watch(quiet);
            PeerWatch.Watched ended = watch.watch(over);
            ended.begin();
            ended.end();
            watch.watch(other).begin();
            assertTrue(other.cut.await(SECONDS, TimeUnit.SECONDS));
            assertEquals(2, quiet.told.getCount(), "a connection without a call");
            assertEquals(2, over.told.getCount(), "a call that is over");
            assertEquals(Optional.empty(), idle.cutBecause());
        }
    }

    @Test
    void theThreadEndsWithTheLastConnectionAndComesBackWithTheNext() throws Exception {
        try (PeerWatch watch = new PeerWatch("watch-that-ends", SILENCE)) {
            watch.watch(new Scripted(Peer.Pulse.AT_WORK)).close();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (Thread.getAllStackTraces().keySet().stream()
                    .anyMatch(thread -> thread.getName().equals("watch-that-ends"))) {
                assertTrue(System.nanoTime() < end, "the thread goes on with nothing to watch");
                Thread.onSpinWait();
            }
            Scripted peer = new Scripted(Peer.Pulse.GONE);
            watch.watch(peer).begin();
            assertTrue(peer.cut.await(SECONDS, TimeUnit.SECONDS));
        }
    }
}
