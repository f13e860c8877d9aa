/**
 * The pieces of {@code millrace demo}: a real PostgreSQL of the demo's own, the Pagila sample database in it, a small shop that goes on
 * changing it, and the comparison of source and destination. The command wires them together. The shop runs on one thread of its own,
 * everything else on the caller's.
 */
package dev.millrace.app.demo;
