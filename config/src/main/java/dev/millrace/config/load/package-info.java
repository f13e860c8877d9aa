/**
 * Reads pipeline files and the installation's file from YAML into typed definitions. Every problem of a file is told at once, with file,
 * line, column and a suggestion; what was read goes on to the command line and the runtime in {@code app}. Reads files, writes none.
 * The loader is immutable and safe from any thread; one load runs on its caller's thread.
 */
package dev.millrace.config.load;
