package dev.millrace.web;

import java.util.List;
import java.util.Objects;

/**
 * An object and where it goes.
 *
 * @param object {@code schema.table} as transformations leave it
 * @param source the source's own object that it comes from
 * @param status {@code auto-mapped}, {@code mapped} (as the definition or a user says), {@code in-progress} (loaded from its beginning),
 *     {@code skipped} or {@code waiting} (for a user)
 * @param table at the destination
 * @param made whether that table has been made, as far as it is known
 * @param waits whether anything of it waits for a user
 * @param code why its events are parked, as of the error that says so; empty while they aren't
 * @param why the same in words, or what it waits for
 * @param remedy what to do about it
 * @param proposals what may be approved or rejected
 * @param rejected what was rejected
 */
public record MappingStatus(
        String object,
        String source,
        String status,
        String table,
        boolean made,
        boolean waits,
        String code,
        String why,
        String remedy,
        List<Proposal> proposals,
        List<Proposal> rejected) {

    /**
     * Something that could be changed at the destination.
     *
     * @param kind {@code new-column}, {@code wider-type}, or {@code load-again} (a change that takes effect where the object is loaded again)
     * @param column the source's; empty where it is about the table
     * @param text in words
     */
    public record Proposal(String kind, String column, String text) {
        public Proposal {
            Objects.requireNonNull(kind);
            Objects.requireNonNull(column);
            Objects.requireNonNull(text);
        }
    }

    public MappingStatus {
        Objects.requireNonNull(object);
        Objects.requireNonNull(source);
        Objects.requireNonNull(status);
        Objects.requireNonNull(table);
        Objects.requireNonNull(code);
        Objects.requireNonNull(why);
        Objects.requireNonNull(remedy);
        proposals = List.copyOf(proposals);
        rejected = List.copyOf(rejected);
    }
}
