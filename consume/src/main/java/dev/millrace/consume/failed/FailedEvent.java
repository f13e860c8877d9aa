package dev.millrace.consume.failed;

import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.TableName;
import java.util.Objects;

/**
 * What is known of an event that was held back, its values excepted.
 *
 * @param eventId as in {@code __millrace_id}
 * @param bytes what it takes in the store
 */
public record FailedEvent(
        EventPlace place,
        TableName table,
        Operation operation,
        String eventId,
        Failure failure,
        Course course,
        Order order,
        long bytes) {
    /** What has become of it. */
    public enum Status {
        PARKED,
        /** The table was emptied or loaded again since: its place is taken by newer data. */
        OBSOLETE,
        SKIPPED,
        EXPIRED
    }

    /**
     * @param attempts how often it was tried, the first time included
     * @param nextTryMillis when it is tried again by itself
     */
    public record Course(Status status, int attempts, long parkedAtMillis, long expiresAtMillis, long nextTryMillis) {}

    /**
     * What keeps later events behind it.
     *
     * @param shape of the table's key, by which the digests were made
     * @param keys digests of the keys that it touches, never empty for rows
     * @param wholeTable every later event of its table waits
     */
    public record Order(long shape, long[] keys, boolean wholeTable) {
        public Order {
            keys = keys.clone();
        }

        @Override
        public long[] keys() {
            return keys.clone();
        }
    }

    public FailedEvent {
        Objects.requireNonNull(place);
        Objects.requireNonNull(table);
        Objects.requireNonNull(operation);
        Objects.requireNonNull(eventId);
        Objects.requireNonNull(failure);
        Objects.requireNonNull(course);
        Objects.requireNonNull(order);
    }

    public boolean parked() {
        return course.status() == Status.PARKED;
    }

    FailedEvent with(Failure newFailure, Course newCourse) {
        return new FailedEvent(place, table, operation, eventId, newFailure, newCourse, order, bytes);
    }

    FailedEvent with(Status status) {
        return with(
                failure,
                new Course(
                        status,
                        course.attempts(),
                        course.parkedAtMillis(),
                        course.expiresAtMillis(),
                        course.nextTryMillis()));
    }

    /** Given up; the record is kept until {@code millis}. */
    FailedEvent expired(long millis) {
        return with(
                failure,
                new Course(Status.EXPIRED, course.attempts(), course.parkedAtMillis(), millis, course.nextTryMillis()));
    }

    FailedEvent keptUntil(long millis) {
        return with(
                failure,
                new Course(
                        course.status(), course.attempts(), course.parkedAtMillis(), millis, course.nextTryMillis()));
    }

    FailedEvent dueAt(long millis) {
        return with(
                failure,
                new Course(
                        course.status(), course.attempts(), course.parkedAtMillis(), course.expiresAtMillis(), millis));
    }
}
