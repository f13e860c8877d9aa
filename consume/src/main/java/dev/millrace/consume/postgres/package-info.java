/**
 * The PostgreSQL destination: rows go in by binary COPY, straight into the table for a historical load, else into a temporary stage and
 * from there in a few set-based statements. Rows and log index are committed together under the pipeline's epoch. Made by {@link
 * dev.millrace.consume.postgres.PostgresDestinationConnector}; loads run on the consumer's thread, checks and descriptions on any.
 */
package dev.millrace.consume.postgres;
