/**
 * Named points at which a test may stop, kill or fail the process. Off, a point costs one read of a static final field. Used by every
 * module's durability steps; never set outside tests.
 */
package dev.millrace.storage.fault;
