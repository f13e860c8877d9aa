package dev.millrace.web;

import java.time.Instant;

/**
 * Parked events of one object that failed alike.
 *
 * @param example why one of them failed
 * @param expiresAt when the first of them is given up
 * @param expiresSoon whether that is within a day, or the last seventh of a shorter time
 */
public record FailedGroupStatus(
        String object,
        String phase,
        String code,
        long events,
        long bytes,
        Instant oldest,
        Instant expiresAt,
        boolean expiresSoon,
        String example) {}
