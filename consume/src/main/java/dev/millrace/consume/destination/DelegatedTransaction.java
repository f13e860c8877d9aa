package dev.millrace.consume.destination;

import dev.millrace.consume.destination.ExistingTable.Identity;
import java.util.Optional;

/** A transaction that hands everything to another one but for what is done otherwise. Threads and failures as that one. */
public interface DelegatedTransaction extends LoadTransaction {
    /** The other one. */
    LoadTransaction transaction();

    /** The table as the other one is told of it. */
    default TargetTable named(TargetTable table) {
        return table;
    }

    /** Called when a change to a table, or {@link #replayed}, was handed on; {@code what} is the method's name. */
    default void did(String what) {}

    @Override
    default void create(TargetTable table) {
        transaction().create(named(table));
        did("create");
    }

    @Override
    default void addColumn(TargetTable table, TargetColumn column) {
        transaction().addColumn(named(table), column);
        did("addColumn");
    }

    @Override
    default void widenColumn(TargetTable table, TargetColumn column) {
        transaction().widenColumn(named(table), column);
        did("widenColumn");
    }

    @Override
    default void renameColumn(TargetTable table, String from, String to) {
        transaction().renameColumn(named(table), from, to);
        did("renameColumn");
    }

    @Override
    default void beginShadow(TargetTable table) {
        transaction().beginShadow(named(table));
        did("beginShadow");
    }

    @Override
    default void completeShadow(TargetTable table, long completedAtMicros, long loadedAtMicros) {
        transaction().completeShadow(named(table), completedAtMicros, loadedAtMicros);
        did("completeShadow");
    }

    @Override
    default void requireFit(TargetTable table, boolean replaced) {
        transaction().requireFit(named(table), replaced);
    }

    @Override
    default boolean hasShadow(TargetTable table) {
        return transaction().hasShadow(named(table));
    }

    @Override
    default Identity identify(TargetTable table, Identity now) {
        return transaction().identify(named(table), now);
    }

    @Override
    default boolean isEmpty(TargetTable table) {
        return transaction().isEmpty(named(table));
    }

    @Override
    default Optional<Mark> mark() {
        return transaction().mark();
    }

    @Override
    default void checkAtOnce(TargetTable table) {
        transaction().checkAtOnce(named(table));
    }

    @Override
    default long load(TableLoad load) {
        return transaction().load(load);
    }

    @Override
    default void replayed(long number) {
        transaction().replayed(number);
        did("replayed");
    }

    @Override
    default void commit(long logIndex) {
        transaction().commit(logIndex);
    }

    @Override
    default void close() {
        transaction().close();
    }
}
