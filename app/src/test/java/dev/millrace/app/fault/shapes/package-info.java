/**
 * Big, odd and changing shapes of data through a whole Millrace process with 256 MB of heap: huge values, wide tables, many tables, long
 * transactions, names and values of all kinds, schema changes under load. Each shape makes its tables in a schema of its own, changes them
 * while they are followed, and compares both ends by the mapping that {@code consume/docs} promises. Confined to the suite's thread.
 */
package dev.millrace.app.fault.shapes;
