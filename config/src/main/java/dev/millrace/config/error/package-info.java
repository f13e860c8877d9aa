/**
 * What can go wrong and how it is told: exceptions with a stable code and category, check findings, and configuration problems.
 * Every module throws and reports through these types; the command line and the web turn them into text, JSON and exit codes.
 * Immutable data; safe from any thread.
 */
package dev.millrace.config.error;
