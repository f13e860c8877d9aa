package dev.millrace.app.fault.network;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Follows what a client of PostgreSQL sends, and finds the messages that make a server commit: a simple Query that is COMMIT, and Execute of
 * a portal whose statement is (PostgreSQL manual, "Message Formats"). Messages may come in pieces of any size. Confined to one thread.
 */
final class FrontendMessages {
    private static final int SSL_REQUEST = 80_877_103;
    private static final int GSS_REQUEST = 80_877_104;
    private static final int KEPT_BYTES = 256;

    private final Set<String> commits = new HashSet<>();
    private final byte[] head = new byte[5];
    private final byte[] body = new byte[KEPT_BYTES];
    private boolean started;
    private int headBytes;
    private long bodyBytes;
    private long bodyLength = -1;
    private boolean portalCommits;

    /**
     * Reads on from {@code from}.
     *
     * @return the place behind the next message that commits; −1 when there is none up to {@code to}, and all is read
     */
    int nextCommit(byte[] buffer, int from, int to) {
        for (int i = from; i < to; i++) {
            if (take(buffer[i])) {
                return i + 1;
            }
        }
        return -1;
    }

    /** Whether this byte ends a message that commits. */
    private boolean take(byte next) {
        int headLength = started ? 5 : 4;
        if (bodyLength < 0) {
            head[headBytes++] = next;
            if (headBytes < headLength) {
                return false;
            }
            bodyLength = length(headLength - 4) - 4L;
            bodyBytes = 0;
        } else {
            if (bodyBytes < KEPT_BYTES) {
                body[(int) bodyBytes] = next;
            }
            bodyBytes++;
        }
        if (bodyBytes < bodyLength) {
            return false;
        }
        boolean commit = started ? ended((char) head[0]) : startUp();
        headBytes = 0;
        bodyLength = -1;
        return commit;
    }

    private boolean startUp() {
        int code = (body[0] & 255) << 24 | (body[1] & 255) << 16 | (body[2] & 255) << 8 | body[3] & 255;
        started = code != SSL_REQUEST && code != GSS_REQUEST;
        return false;
    }

    private int length(int at) {
        return (head[at] & 255) << 24 | (head[at + 1] & 255) << 16 | (head[at + 2] & 255) << 8 | head[at + 3] & 255;
    }

    private boolean ended(char type) {
        switch (type) {
            case 'Q':
                return isCommit(text(0));
            case 'P':
                String name = text(0);
                if (isCommit(text(name.length() + 1))) {
                    commits.add(name);
                } else {
                    commits.remove(name);
                }
                return false;
            case 'B':
                portalCommits = commits.contains(text(text(0).length() + 1));
                return false;
            case 'E':
                boolean commit = portalCommits;
                portalCommits = false;
                return commit;
            default:
                return false;
        }
    }

    private static boolean isCommit(String sql) {
        return sql.strip().toUpperCase(Locale.ROOT).startsWith("COMMIT");
    }

    /** The text from a place to the next zero, cut where no more was kept. */
    private String text(int from) {
        int end = from;
        int kept = (int) Math.min(bodyBytes, KEPT_BYTES);
        while (end < kept && body[end] != 0) {
            end++;
        }
        return from >= kept ? "" : new String(body, from, end - from, StandardCharsets.ISO_8859_1);
    }
}
