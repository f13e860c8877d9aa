/**
 * The command line: one class per command, data on stdout (text, or JSON with {@code --json}), talk on stderr, exit codes by class. Commands
 * run on the main thread and build what they need through {@link dev.millrace.app.Millrace}.
 */
package dev.millrace.app.cli;
