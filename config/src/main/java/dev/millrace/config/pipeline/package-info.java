/**
 * Pipelines as their users define them, typed: source, chosen objects, destination, guarantee. Made by the loader from YAML, or by code;
 * read by the runtime in {@code app}. Immutable data; safe from any thread.
 */
package dev.millrace.config.pipeline;
