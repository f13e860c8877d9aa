package dev.millrace.ingest.engine;

import dev.millrace.storage.state.Offsets;
import dev.millrace.storage.state.Schemas;
import dev.millrace.storage.state.StateOffsets;
import dev.millrace.storage.state.StateStore;
import java.time.Clock;

/** What an engine keeps its knowledge in, and its clock; tests bring their own. */
record Stores(StateStore state, Offsets offsets, Schemas schemas, Clock clock) {
    static Stores of(String pipeline, StateStore state) {
        return new Stores(state, new StateOffsets(state, pipeline), new Schemas(state, pipeline), Clock.systemUTC());
    }
}
