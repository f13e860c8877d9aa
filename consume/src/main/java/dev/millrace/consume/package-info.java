/**
 * Carries a pipeline's log into its destination: {@code Consumer} reads windows of batches, validates them, hands them
 * to {@code effect} for the net effect per table and to {@code mapping} for names and types, and
 * applies them through {@link dev.millrace.consume.destination}. One thread runs a consumer; its figures may be read from any.
 */
package dev.millrace.consume;
