package dev.millrace.ingest.engine;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.ObjectWatch;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.TableName;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Whether objects fit: by what the source finds, and by what the pipeline requires. The source is asked by one at a time, the stream's thread or
 * a worker; every method may take as long as it does.
 */
final class ObjectJudge {
    private final Optional<ObjectWatch> watch;
    private final Object asking = new Object();
    private volatile ObjectRequirement requirement = (objects, fresh) -> {};

    ObjectJudge(Optional<ObjectWatch> watch) {
        this.watch = watch;
    }

    void require(ObjectRequirement newRequirement) {
        requirement = newRequirement;
    }

    /** Throws what the requirement throws. */
    void requireAll(List<SourceObject> chosen) {
        requirement.judge(chosen, false);
    }

    /** As {@link ObjectWatch#arrivals}; none without a watch. */
    List<ObjectWatch.Arrival> arrivals(Set<TableName> known) {
        synchronized (asking) {
            return watch.map(each -> each.arrivals(known)).orElse(List.of());
        }
    }

    /** Why it can't be taken in; empty when it can. */
    String why(ObjectWatch.Arrival arrival) {
        return arrival.failed().isEmpty() ? required(List.of(arrival.object())) : text(arrival.failed());
    }

    /** Those of {@code objects} that can't be taken in, with the reason. */
    Map<TableName, String> misfits(List<SourceObject> objects) {
        Map<TableName, String> misfits = new TreeMap<>();
        synchronized (asking) {
            watch.map(each -> each.misfits(objects))
                    .orElse(List.of())
                    .forEach(misfit -> misfits.put(misfit.object().table(), text(misfit.failed())));
        }
        if (!required(objects).isEmpty()) {
            for (SourceObject object : objects) {
                String why = required(List.of(object));
                if (!why.isEmpty()) {
                    misfits.putIfAbsent(object.table(), why);
                }
            }
        }
        return misfits;
    }

    /** Of all that is there and chosen, what the source finds something against. */
    Map<TableName, String> misfits() {
        Map<TableName, String> misfits = new TreeMap<>();
        Set<TableName> known = new HashSet<>();
        List<ObjectWatch.Arrival> page;
        do {
            page = arrivals(known);
            for (ObjectWatch.Arrival arrival : page) {
                known.add(arrival.object().table());
                if (!arrival.failed().isEmpty()) {
                    misfits.put(arrival.object().table(), text(arrival.failed()));
                }
            }
        } while (!page.isEmpty());
        return misfits;
    }

    /** Why the pipeline can't take these in; empty when it can. */
    private String required(List<SourceObject> fresh) {
        try {
            requirement.judge(fresh, true);
            return "";
        } catch (MillraceException e) {
            return e.getMessage();
        }
    }

    private static String text(List<Finding> findings) {
        return findings.stream()
                .map(finding -> finding.detail() + ". " + finding.remedy())
                .collect(Collectors.joining(" "));
    }
}
