/**
 * The task manager: the overseer starts tasks that are due, one at a time per key, retries those whose cause is outside, and watches their
 * heartbeat; the coordinator sizes the pools; pools run them on named threads. Every task leaves a run record. Used by {@code app.pipeline}.
 * The overseer has one thread ({@code overseer}); tasks run on their pool's.
 */
package dev.millrace.app.task;
