package dev.millrace.consume.transform.steps;

import dev.millrace.storage.event.Column;

/** A column as it is called and typed at some step, and the slot that holds it. */
record LayoutColumn(Column column, int slot) {}
