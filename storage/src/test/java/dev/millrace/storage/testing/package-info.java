/**
 * Real servers for the tests of every module: one PostgreSQL 18 per test process, a database of its own per test, and private servers for
 * tests that stop, kill or reconfigure one; a log and a state store in memory; and a fuzzer with its mutations, for the decoders of every module. Shared with the other modules as a test artefact; thread-safe.
 */
package dev.millrace.storage.testing;
