package dev.millrace.consume.effect;

import dev.millrace.consume.destination.RowCursor.Kind;

/** For each key of a {@link HistoryEffect} what becomes of the destination's versions, then the versions that the window brings. */
final class HistorySteps implements EffectCursor.Steps {
    private final HistoryEffect effect;
    private final Versions versions;
    private final boolean[] replaced;
    /** The keys and the versions that there is something to tell of; null for all. */
    private final int[] keys;

    private final int[] told;
    private final int keyCount;
    private final int count;

    /** @param replaced by key: all its versions at the destination are */
    HistorySteps(HistoryEffect effect, Versions versions, boolean[] replaced) {
        this.effect = effect;
        this.versions = versions;
        this.replaced = replaced;
        this.keys = EffectCursor.chosen(effect.keyCount(), key -> replaced[key] || effect.end(key) != Long.MIN_VALUE);
        this.told = EffectCursor.chosen(versions.size(), version -> !versions.dropped(version));
        this.keyCount = keys == null ? effect.keyCount() : keys.length;
        this.count = keyCount + (told == null ? versions.size() : told.length);
    }

    private int key(int step) {
        return keys == null ? step : keys[step];
    }

    private int version(int step) {
        return told == null ? step - keyCount : told[step - keyCount];
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int row(int step) {
        return step < keyCount ? effect.image(key(step)) : versions.row(version(step));
    }

    @Override
    public Kind kind(int step) {
        if (step >= keyCount) {
            return Kind.VERSION;
        }
        return replaced[key(step)] ? Kind.REPLACE : Kind.CLOSE;
    }

    @Override
    public int origin(int step) {
        return step < keyCount ? RowStore.NONE : versions.origin(version(step));
    }

    @Override
    public long sequence(int step) {
        return versions.sequence(version(step));
    }

    @Override
    public long validFromMicros(int step) {
        return versions.from(version(step));
    }

    @Override
    public long validToMicros(int step) {
        return step < keyCount ? effect.end(key(step)) : versions.to(version(step));
    }
}
