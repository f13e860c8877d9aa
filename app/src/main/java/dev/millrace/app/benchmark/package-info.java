/**
 * {@code millrace bench}: measures a user's own source, disk and destination by the pipeline's real code, next to what each can do by its own
 * tools in the same run. {@link dev.millrace.app.benchmark.Benchmark} does it beside whatever runs, in a folder and in scratch tables of its
 * own, and hands a {@link dev.millrace.app.benchmark.Report} to the command line. The caller's thread measures; reading and loading run in
 * threads named after them, which end with each measurement.
 */
package dev.millrace.app.benchmark;
