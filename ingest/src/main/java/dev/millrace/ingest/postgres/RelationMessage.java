package dev.millrace.ingest.postgres;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the server says of a table before the first change of it, and again after anything about it changed: the shape that the changes
 * behind it have, whatever the catalogue says by now.
 *
 * @param identity relreplident: d, f, i or n
 */
record RelationMessage(int oid, String schema, String name, char identity, List<RelationColumn> columns) {

    /**
     * @param inIdentity part of the replica identity
     * @param typmod -1 without
     */
    record RelationColumn(boolean inIdentity, String name, int typeOid, int typmod) {}

    /** Behind the message's type byte. */
    static RelationMessage read(MessageBytes in) {
        int oid = in.int32();
        String schema = in.text();
        String name = in.text();
        char identity = (char) in.int8();
        int count = in.int16();
        List<RelationColumn> columns = new ArrayList<>(count);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            boolean inIdentity = (in.int8() & 1) != 0;
            RelationColumn column = new RelationColumn(inIdentity, in.text(), in.int32(), in.int32());
            if (!names.add(column.name())) {
                throw MessageBytes.malformed("two columns of relation " + name + " have one name");
            }
            columns.add(column);
        }
        return new RelationMessage(oid, schema.isEmpty() ? "pg_catalog" : schema, name, identity, List.copyOf(columns));
    }
}
