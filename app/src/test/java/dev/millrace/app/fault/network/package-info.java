/**
 * What comes from outside: a network that cuts, swallows and delays, databases that fall over or are changed by others, and clocks that are
 * moved. A trial keeps one process of Millrace running through a row of faults, which it has to outlive by itself, while the ledger writes.
 * The proxy's threads and the ledger's run beside the trial's own.
 */
package dev.millrace.app.fault.network;
