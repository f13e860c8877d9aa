package dev.millrace.storage.peer;

/** The other end of a connection that a call waits for. */
public interface Peer {
    /** How the other end is. */
    enum Pulse {
        /** At work for us, waiting for a lock, or not willing to say: in any case no reason to give it up. */
        AT_WORK,
        /** It waits for us, as we for it: what one of us has sent is lost, if it stays that way. */
        WAITS_FOR_US,
        /** It can't be reached, on a new connection either. */
        OUT_OF_REACH,
        /** It knows nothing of our connection any more. */
        GONE
    }

    /** Asks over another connection, within a bounded time; throws nothing. On the watch's thread. */
    Pulse pulse();

    /** Ends the connection at this end at once, so that the call fails; doesn't block, throws nothing. On the watch's thread. */
    void cut();
}
