/**
 * The DuckDB destination: one database file, opened by this process alone. Rows come in by appender, straight into a table that is still
 * empty, else after the rows of the same keys are deleted there; rows and log index are committed in one transaction. The consumer's
 * thread loads; checks and descriptions use connections of their own. Types and their limits: consume/docs/duckdb.md.
 */
package dev.millrace.consume.duckdb;
