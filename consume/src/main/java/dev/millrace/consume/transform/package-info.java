/**
 * Changes events between the log and the net effect: phases in order (steps, scripts, conversions), each compiled once per schema version
 * into a program, batch in, batch out. A batch that no phase has to do with passes untouched. Hands what comes out to
 * {@link dev.millrace.consume.effect} by an ordinary batch reader. A {@link dev.millrace.consume.transform.Transformation} is immutable; its
 * transformers are confined to the thread that gathers.
 */
package dev.millrace.consume.transform;
