package dev.millrace.consume.transform.steps;

import dev.millrace.config.transform.Place;
import dev.millrace.consume.transform.EventFailure;
import java.util.ArrayList;
import java.util.List;

/** Steps one behind the other, and where each is written. Confined to one thread, as they are. */
final class Steps {
    private final Step[] steps;
    private final Place[] places;

    private Steps(Step[] steps, Place[] places) {
        this.steps = steps;
        this.places = places;
    }

    int count() {
        return steps.length;
    }

    /** @throws EventFailure with the step's place when the row can't be changed so */
    void run(int number, Image image) {
        try {
            steps[number].run(image);
        } catch (EventFailure failure) {
            throw failure.at(places[number]);
        }
    }

    /** Gathers them. */
    static final class Builder {
        private final List<Step> steps = new ArrayList<>();
        private final List<Place> places = new ArrayList<>();

        /** Where those that a definition compiles to are added. */
        List<Step> list() {
            return steps;
        }

        /** What was added since the last call is written there. */
        void at(Place place) {
            while (places.size() < steps.size()) {
                places.add(place);
            }
        }

        Steps build() {
            return new Steps(steps.toArray(Step[]::new), places.toArray(Place[]::new));
        }
    }
}
