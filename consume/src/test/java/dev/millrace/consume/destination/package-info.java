/**
 * The destination contract as tests: {@link dev.millrace.consume.destination.DestinationContract} is composed by the test of each destination,
 * which hands it a {@link dev.millrace.consume.destination.DestinationFixture}. Loads are built by hand over the real batch codec. The test's
 * thread.
 */
package dev.millrace.consume.destination;
