/**
 * The fault suite: whole Millrace processes between real databases, every fault we can make, and a ledger outside that knows what has to
 * come out of it. {@link dev.millrace.app.fault.FaultSuiteTest} runs every {@link dev.millrace.app.fault.FaultFamily} and prints one table
 * of totals; a short form is part of every build. A trial runs on the test's thread; ledgers and watchers have threads of their own, which
 * end with it.
 */
package dev.millrace.app.fault;
