/**
 * Real servers for the tests of every module: one PostgreSQL 18 per test process, a database of its own per test, and private servers for
 * tests that stop, kill or reconfigure one. Shared with the other modules as a test artefact; thread-safe.
 */
package dev.millrace.storage.testing;
