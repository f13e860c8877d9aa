package dev.millrace.web;

import java.time.Instant;
import java.util.Optional;

/**
 * One failed event, without its values.
 *
 * @param id in this pipeline
 * @param eventId as in {@code __millrace_id}
 * @param code why it failed, for grouping; BEHIND: it only waits for an earlier event of its key
 * @param column the column at fault, empty where none is known
 * @param remedy what to do, empty where there is nothing to say
 * @param status parked, skipped, obsolete or expired
 * @param nextTry empty: as soon as it may, or with the event it waits for
 * @param waitsFor the id of the first parked event that has to go before it; empty where none does
 * @param waits why it isn't tried now, however often it is asked for, and what helps; empty where nothing keeps it
 */
public record FailedEventStatus(
        String id,
        String object,
        String operation,
        String eventId,
        String phase,
        String code,
        String why,
        String column,
        String remedy,
        String status,
        int attempts,
        Instant parkedAt,
        Instant expiresAt,
        Optional<Instant> nextTry,
        Optional<String> waitsFor,
        String waits,
        long bytes) {}
