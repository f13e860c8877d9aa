package dev.millrace.consume.mapping;

import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.consume.destination.TargetName;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What users have chosen for one object, over what the pipeline's definition says.
 *
 * @param skipped it isn't loaded
 * @param approved it may be mapped, where new objects wait for that
 * @param to the table it goes to, if a user has named one
 * @param accepted keys of proposals that were approved
 * @param rejected keys of proposals that were rejected
 * @param load what is to be done about loading it again
 */
public record MappingChoice(
        boolean skipped,
        boolean approved,
        Optional<TargetName> to,
        Set<String> accepted,
        Set<String> rejected,
        Load load) {
    /** Ordinals are stored: only ever append. */
    public enum Load {
        NONE,
        /** A user has asked for it by itself: where its next load begins, its table may be made again. */
        ASKED,
        /** It is to be loaded again; the same holds. */
        WANTED,
        /** As WANTED; and what comes before that is passed over, since what it builds on has not been loaded. */
        FROM_THERE
    }

    /** Nothing was chosen. */
    public static final MappingChoice NONE =
            new MappingChoice(false, false, Optional.empty(), Set.of(), Set.of(), Load.NONE);

    public MappingChoice {
        Objects.requireNonNull(to);
        accepted = Set.copyOf(accepted);
        rejected = Set.copyOf(rejected);
        Objects.requireNonNull(load);
    }

    MappingChoice withSkipped(boolean value) {
        return new MappingChoice(value, approved, to, accepted, rejected, load);
    }

    MappingChoice withApproved() {
        return new MappingChoice(skipped, true, to, accepted, rejected, load);
    }

    MappingChoice withTo(TargetName other) {
        return new MappingChoice(skipped, approved, Optional.of(other), accepted, rejected, load);
    }

    MappingChoice withAnswers(Set<String> newAccepted, Set<String> newRejected) {
        return new MappingChoice(skipped, approved, to, newAccepted, newRejected, load);
    }

    MappingChoice with(Load newLoad) {
        return new MappingChoice(skipped, approved, to, accepted, rejected, newLoad);
    }

    /** Once a load has begun: what was accepted for it is done. */
    MappingChoice loaded() {
        Set<String> left = new HashSet<>(accepted);
        left.removeIf(key -> !Proposal.isWiderType(key));
        return new MappingChoice(skipped, approved, to, left, rejected, Load.NONE);
    }

    /** At least as much of a load as {@code wanted}. */
    MappingChoice atLeast(Load wanted) {
        return load.compareTo(wanted) >= 0 ? this : with(wanted);
    }

    /** Whether a table that is missing may be made where a load begins. */
    public boolean mayRemake() {
        return load != Load.NONE;
    }

    /** Whether the object isn't loaded, and why a load now would come to nothing. */
    public boolean isSkipped(MappingRules.Rule rule) {
        return skipped || rule.skip();
    }

    /**
     * Whether the object waits until a user approves of it.
     *
     * @param made whether it has a table
     */
    public boolean isWaiting(MappingRules.Rule rule, boolean made) {
        return !rule.auto() && !made && !approved && !rule.says() && to.isEmpty();
    }

    /** Whether it was approved. */
    public boolean accepts(Proposal proposal) {
        return accepted.contains(proposal.key());
    }

    /** Whether it was rejected. */
    public boolean rejects(Proposal proposal) {
        return rejected.contains(proposal.key());
    }
}
