package dev.millrace.consume.transform.steps;

import dev.millrace.consume.transform.EventFailure;

/** The steps that decide whether and where a row goes on. */
final class Gates {
    private Gates() {}

    /** Whether the answer may be left open: of a row before, or of one that is deleted. */
    private static Image.Answer ask(Condition condition, Image image, boolean mayBeOpen) {
        Image.Answer answer;
        try {
            answer = condition.test(image);
        } catch (EventFailure failure) {
            image.spare(failure);
            return Image.Answer.UNKNOWN;
        }
        if (answer == Image.Answer.UNKNOWN && !mayBeOpen) {
            throw Compute.unknown("");
        }
        return answer;
    }

    private static boolean mayBeOpen(Image image) {
        return image.before || image.lenient;
    }

    record Drop(Condition condition) implements Step {
        @Override
        public void run(Image image) {
            if (!image.before && ask(condition, image, mayBeOpen(image)) == Image.Answer.YES) {
                image.dropped = true;
            }
        }
    }

    /** @param keyed a row that isn't kept is still followed as far as its key */
    record Filter(Condition condition, boolean keyed) implements Step {
        @Override
        public void run(Image image) {
            if (image.kept == Image.Answer.NO) {
                return;
            }
            Image.Answer answer = ask(condition, image, mayBeOpen(image));
            if (answer != Image.Answer.YES) {
                image.kept = answer;
            }
            image.lenient |= answer == Image.Answer.NO && keyed;
        }
    }

    /** @param output the route's place among the outputs */
    record Route(Condition condition, int output) implements Step {
        @Override
        public void run(Image image) {
            if (image.routed || image.kept == Image.Answer.NO) {
                return;
            }
            Image.Answer answer = ask(condition, image, mayBeOpen(image));
            if (answer == Image.Answer.YES) {
                image.route = output;
                image.routed = true;
            } else if (answer == Image.Answer.UNKNOWN) {
                image.route = Image.ANYWHERE;
                image.routed = true;
            }
        }
    }

    /**
     * One of two ways. What differs behind them is brought together: {@code results} get what {@code then} or {@code otherwise} has, NULL for -1.
     *
     * @param sources for each result the source's columns that it depends on
     */
    record Branch(
            Condition condition,
            Steps thenSteps,
            Steps otherwiseSteps,
            int[] results,
            int[] then,
            int[] otherwise,
            int[][] sources)
            implements Step {
        @Override
        public void run(Image image) {
            Image.Answer answer;
            try {
                answer = condition.test(image);
            } catch (EventFailure failure) {
                image.spare(failure);
                for (int result : results) {
                    image.slots[result].unchanged();
                }
                return;
            }
            if (answer == Image.Answer.UNKNOWN) {
                for (int i = 0; i < results.length; i++) {
                    unchanged(i, image);
                }
                return;
            }
            boolean yes = answer == Image.Answer.YES;
            Steps steps = yes ? thenSteps : otherwiseSteps;
            for (int i = 0; i < steps.count(); i++) {
                steps.run(i, image);
            }
            int[] from = yes ? then : otherwise;
            for (int i = 0; i < results.length; i++) {
                if (from[i] < 0) {
                    image.slots[results[i]].none();
                } else if (image.slots[from[i]].isUnchanged()) {
                    unchanged(i, image);
                } else {
                    image.slots[results[i]].copy(image.slots[from[i]]);
                }
            }
        }

        /** Only where nothing that it depends on has changed, the way that was chosen included, is the result what it was. */
        private void unchanged(int result, Image image) {
            for (int column : sources[result]) {
                if (!image.slots[column].isUnchanged()) {
                    image.spare(Compute.unknown(""));
                }
            }
            image.slots[results[result]].unchanged();
        }
    }
}
