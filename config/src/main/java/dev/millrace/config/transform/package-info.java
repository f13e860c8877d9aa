/**
 * What a pipeline's {@code transform} says, typed: for which objects, which steps, in order, each with its place in the file. Made by the loader;
 * compiled by {@code consume.transform}. Immutable data; safe from any thread.
 */
package dev.millrace.config.transform;
