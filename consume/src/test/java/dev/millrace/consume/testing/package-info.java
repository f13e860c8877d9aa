/** Fakes and models that the tests of this module share: a log and a state store in memory, and a source that knows its own truth. */
package dev.millrace.consume.testing;
