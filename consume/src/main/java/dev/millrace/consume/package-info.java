/**
 * Carries a pipeline's log into its destination: {@link dev.millrace.consume.Consumer} reads windows of batches, validates them, hands them
 * to {@link dev.millrace.consume.effect} for the net effect per table and to {@link dev.millrace.consume.mapping} for names and types, and
 * applies them through {@link dev.millrace.consume.destination}. One thread runs a consumer, one more gathers its next
 * window ({@code <pipeline>-gather}); its figures may be read from any.
 */
package dev.millrace.consume;
