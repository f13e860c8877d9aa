/**
 * Tries transformations before they are deployed: on the newest events of a log ({@link dev.millrace.app.transform.LogSamples}) and on pasted
 * ones ({@link dev.millrace.app.transform.PastedEvents}), for the command line and the control interface. Runs on the caller's thread.
 */
package dev.millrace.app.transform;
