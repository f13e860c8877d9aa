package dev.millrace.web;

import java.util.List;
import java.util.Objects;

/**
 * What a choice has come to.
 *
 * @param done in words, each with what it was done to; empty when nothing waited for it
 */
public record MappingAnswer(String object, List<String> done) {
    public MappingAnswer {
        Objects.requireNonNull(object);
        done = List.copyOf(done);
    }
}
