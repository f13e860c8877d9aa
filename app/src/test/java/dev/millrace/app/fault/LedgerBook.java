package dev.millrace.app.fault;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeMap;

/**
 * The rows one writer believes to be there. What a transaction changes can be taken back, whole or to a savepoint, until it is kept. Used by
 * one thread at a time.
 */
final class LedgerBook {
    /** @param version counts the row's changes */
    record Account(long cents, String owner, int version) {
        Account with(long added) {
            return new Account(cents + added, owner, version + 1);
        }

        /** As {@code balance || '|' || owner || '|' || version} of both databases. */
        @Override
        public String toString() {
            return BigDecimal.valueOf(cents, 2) + "|" + owner + "|" + version;
        }
    }

    /** @param digest of its body, as {@code md5} of both databases */
    record Item(int amount, String digest) {
        @Override
        public String toString() {
            return amount + "|" + digest;
        }
    }

    final TreeMap<Long, Account> accounts = new TreeMap<>();
    final TreeMap<Long, Account> savings = new TreeMap<>();
    final TreeMap<String, Item> items = new TreeMap<>();
    final TreeMap<Long, String> journal = new TreeMap<>();
    final TreeMap<Long, String> scratch = new TreeMap<>();
    private final Deque<Runnable> undo = new ArrayDeque<>();

    <K, V> void put(TreeMap<K, V> rows, K key, V row) {
        V before = rows.put(key, row);
        undo.push(before == null ? () -> rows.remove(key) : () -> rows.put(key, before));
    }

    <K, V> V remove(TreeMap<K, V> rows, K key) {
        V before = rows.remove(key);
        undo.push(() -> rows.put(key, before));
        return before;
    }

    <K, V> void clear(TreeMap<K, V> rows) {
        TreeMap<K, V> before = new TreeMap<>(rows);
        rows.clear();
        undo.push(() -> rows.putAll(before));
    }

    /** A place to come back to by {@link #undoTo}. */
    int mark() {
        return undo.size();
    }

    void undoTo(int mark) {
        while (undo.size() > mark) {
            undo.pop().run();
        }
    }

    /** The transaction was committed. */
    void keep() {
        undo.clear();
    }
}
