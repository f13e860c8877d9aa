package dev.millrace.ingest.gate;

import dev.millrace.ingest.source.ObjectWatch;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Looks for new objects, and whether the rules fit them. */
record GatedWatch(ObjectWatch watch, Gates gates) implements ObjectWatch {
    @Override
    public Duration every() {
        return watch.every();
    }

    @Override
    public List<Arrival> arrivals(Set<TableName> known) {
        return watch.arrivals(known).stream()
                .map(arrival -> arrival.failed().isEmpty()
                        ? new Arrival(arrival.object(), gates.failures(arrival.object()))
                        : arrival)
                .toList();
    }

    @Override
    public List<Arrival> misfits(List<SourceObject> objects) {
        List<Arrival> misfits = new ArrayList<>(watch.misfits(objects));
        List<TableName> told =
                misfits.stream().map(arrival -> arrival.object().table()).toList();
        objects.stream()
                .filter(object -> !told.contains(object.table()))
                .map(object -> new Arrival(object, gates.failures(object)))
                .filter(arrival -> !arrival.failed().isEmpty())
                .forEach(misfits::add);
        return misfits;
    }

    @Override
    public void close() {
        watch.close();
    }
}
