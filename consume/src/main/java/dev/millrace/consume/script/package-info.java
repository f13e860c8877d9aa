/**
 * JavaScript for transformations: expressions over a row's columns ({@link dev.millrace.consume.script.Expression}) and scripts with a
 * {@code transform(event)} function, in a sandbox without files, network, threads, clock, chance or Java, with limits on processor time,
 * instructions and memory for each event. What a script does wrong fails its event, never the process. Handed to {@code consume.transform},
 * which runs it on the thread that gathers; a {@link dev.millrace.consume.script.Sandbox} and what was compiled in it belong to one thread.
 */
package dev.millrace.consume.script;
