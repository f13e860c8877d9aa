package dev.millrace.consume.testing;

import dev.millrace.consume.destination.DelegatedDestination;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TablesApart;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A destination that is another one but for its transactions, also where that one commits tables by themselves. Threads and failures as that one. */
interface LanesToo extends DelegatedDestination, TablesApart {
    /** What is handed on for a transaction of the other one. */
    LoadTransaction instead(LoadTransaction begun);

    /** Called before something is begun or read; may throw. */
    default void about(String what) {}

    private static Optional<TablesApart> apart(Destination destination) {
        return destination instanceof TablesApart able ? Optional.of(able) : Optional.empty();
    }

    @Override
    default LoadTransaction begin() {
        about("begin");
        return instead(destination().begin());
    }

    @Override
    default int runners() {
        return apart(destination()).map(TablesApart::runners).orElse(1);
    }

    @Override
    default Duration runnerIdle() {
        return apart(destination()).map(TablesApart::runnerIdle).orElse(Duration.ZERO);
    }

    @Override
    default Map<String, Long> tablePositions() {
        about("tablePositions");
        return apart(destination()).map(TablesApart::tablePositions).orElse(Map.of());
    }

    @Override
    default Lane lane() {
        Lane lane = apart(destination()).orElseThrow().lane();
        return new Lane() {
            @Override
            public LoadTransaction begin(String table) {
                about("begin " + table);
                return instead(lane.begin(table));
            }

            @Override
            public void close() {
                lane.close();
            }
        };
    }
}
