/**
 * How tests start Millrace as a process of its own. Used by the fault suite, the benchmark's own test, and whoever kills what it tests. No
 * threads of its own.
 */
package dev.millrace.app.testing;
