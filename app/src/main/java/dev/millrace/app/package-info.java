/**
 * The executable: {@link dev.millrace.app.Main} reads the command line, {@link dev.millrace.app.Millrace} builds everything by
 * constructor in one place and closes it in reverse order. Runs on the main thread; long work is in {@code app.task}'s pools.
 */
package dev.millrace.app;
