package dev.millrace.ingest.postgres;

import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the types of one database mean, read from pg_type when first asked for and kept: an instance lives as long as one reading of the
 * catalogue, so that an altered type is seen by the next. The connection is one of {@link Connections} (its session decides the names);
 * confined to its thread. What is not known by name, extension types among them, comes as its text form.
 *
 * <p>Decided mappings: {@code money} is DECIMAL with the fraction digits of the database's lc_monetary; {@code timetz} and
 * {@code interval} (ISO 8601) are STRING; json, jsonb, hstore and composites are MAP; arrays of anything are LIST; {@code numeric} with
 * a negative scale or one above its precision is declared with the digits its values may take; domains are what they stand for.
 */
final class TypeCatalogue {
    private static final String TYPE = """
      SELECT n.nspname, t.typname, t.typtype, t.typbasetype, t.typtypmod, t.typelem, t.typrelid, o.proname AS output,
             pg_catalog.quote_ident(p.nspname) || '.' || pg_catalog.quote_ident(o.proname) AS qualified_output,
             pg_catalog.format_type(t.oid, ?) AS formatted,
             (SELECT e.typdelim FROM pg_catalog.pg_type e WHERE e.oid = t.typelem) AS delimiter
      FROM pg_catalog.pg_type t
      JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
      JOIN pg_catalog.pg_proc o ON o.oid = t.typoutput
      JOIN pg_catalog.pg_namespace p ON p.oid = o.pronamespace
      WHERE t.oid = ?::bigint::oid""";
    private static final String ATTRIBUTES = """
      SELECT a.attname, a.atttypid::bigint, a.atttypmod FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = ?::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum""";
    private static final int ANY = -1;

    private final Connection connection;
    private final Map<Long, ColumnType> known = new HashMap<>();
    private int moneyScale = -1;

    TypeCatalogue(Connection connection) {
        this.connection = connection;
    }

    /**
     * @param typeOid as in pg_attribute or a Relation message
     * @param typmod -1 without
     * @return for a type that is gone: its text form as STRING, with an empty sourceType
     */
    ColumnType resolve(int typeOid, int typmod) throws SQLException {
        long place = (long) typeOid << 32 | Integer.toUnsignedLong(typmod);
        ColumnType type = known.get(place);
        if (type == null) {
            type = read(Integer.toUnsignedLong(typeOid), typmod);
            known.put(place, type);
        }
        return type;
    }

    private record TypeRow(
            String schema,
            String name,
            char kind,
            int baseType,
            int baseTypmod,
            int element,
            long relation,
            String output,
            String qualifiedOutput,
            String formatted,
            byte delimiter) {}

    private ColumnType read(long oid, int typmod) throws SQLException {
        TypeRow row = row(oid, typmod);
        if (row == null) {
            return new ColumnType(
                    DataType.of(Type.STRING), "", TextDecoders::bytes, TextDecoders::bytes, true, "", JsonForm.STRING);
        }
        if (row.kind == 'd') {
            ColumnType base = resolve(row.baseType, row.baseTypmod);
            return new ColumnType(
                    base.dataType(),
                    row.formatted,
                    base.text(),
                    base.copied(),
                    base.copiedAsText(),
                    base.outputFunction(),
                    base.json());
        }
        if (row.output.equals("array_out")) {
            return textual(
                    row,
                    Type.LIST,
                    JsonForm.array(row.delimiter, resolve(row.element, typmod).json()));
        }
        if (row.kind == 'c') {
            return textual(row, Type.MAP, composite(row.relation));
        }
        if (row.kind == 'e') {
            return same(row, DataType.of(Type.STRING), TextDecoders::bytes, JsonForm.STRING);
        }
        if (row.schema.equals("pg_catalog")) {
            return builtIn(row, typmod);
        }
        return switch (row.output) {
            case "hstore_out" -> textual(row, Type.MAP, JsonForm.HSTORE);
            case "citextout" -> same(row, DataType.of(Type.STRING), TextDecoders::bytes, JsonForm.STRING);
            default -> text(row, 0);
        };
    }

    private ColumnType builtIn(TypeRow row, int typmod) throws SQLException {
        return switch (row.name) {
            case "bool" ->
                both(row, DataType.of(Type.BOOLEAN), TextDecoders::bool, BinaryDecoders::bool, JsonForm.BOOLEAN);
            case "int2" -> number(row, DataType.of(Type.SHORT), TextDecoders::int2, BinaryDecoders::int2);
            case "int4" -> number(row, DataType.of(Type.INTEGER), TextDecoders::int4, BinaryDecoders::int4);
            case "int8" -> number(row, DataType.of(Type.LONG), TextDecoders::int8, BinaryDecoders::int8);
            case "oid" -> number(row, DataType.of(Type.LONG), TextDecoders::int8, BinaryDecoders::oid);
            case "float4" -> number(row, DataType.of(Type.FLOAT), TextDecoders::float4, BinaryDecoders::float4);
            case "float8" -> number(row, DataType.of(Type.DOUBLE), TextDecoders::float8, BinaryDecoders::float8);
            case "numeric" -> number(row, numeric(typmod), TextDecoders::numeric, BinaryDecoders::numeric);
            case "money" -> {
                int scale = moneyScale();
                DataType type = DataType.decimal(19, scale);
                yield both(row, type, TextDecoders.money(scale), BinaryDecoders.money(scale), JsonForm.money(scale));
            }
            case "text", "name" -> same(row, DataType.of(Type.STRING), TextDecoders::bytes, JsonForm.STRING);
            case "varchar" ->
                same(row, DataType.text(Type.STRING, Math.max(0, typmod - 4)), TextDecoders::bytes, JsonForm.STRING);
            case "bpchar" ->
                same(row, DataType.text(Type.CHAR, Math.max(0, typmod - 4)), TextDecoders::bytes, JsonForm.STRING);
            case "bytea" ->
                both(row, DataType.of(Type.BYTE_ARRAY), TextDecoders::bytea, TextDecoders::bytes, JsonForm.STRING);
            case "uuid" ->
                both(row, DataType.text(Type.STRING, 36), TextDecoders::bytes, BinaryDecoders::uuid, JsonForm.STRING);
            case "json" -> same(row, DataType.of(Type.MAP), TextDecoders::bytes, JsonForm.RAW);
            case "jsonb" -> both(row, DataType.of(Type.MAP), TextDecoders::bytes, BinaryDecoders::jsonb, JsonForm.RAW);
            case "date" -> both(row, DataType.of(Type.DATE), TimeText::date, BinaryDecoders::date, JsonForm.STRING);
            case "time" -> both(row, time(Type.TIME, typmod), TimeText::time, BinaryDecoders::time, JsonForm.STRING);
            case "timestamp" ->
                both(row, time(Type.DATETIME, typmod), TimeText::timestamp, BinaryDecoders::timestamp, JsonForm.STRING);
            case "timestamptz" ->
                both(
                        row,
                        time(Type.ZONED_DATETIME, typmod),
                        TimeText::timestamptz,
                        BinaryDecoders::timestamptz,
                        JsonForm.STRING);
            case "bit", "varbit" -> text(row, Math.max(0, typmod));
            default -> text(row, 0);
        };
    }

    private static ColumnType number(TypeRow row, DataType type, CellDecoder text, CellDecoder binary) {
        return both(row, type, text, binary, JsonForm.NUMBER);
    }

    private static ColumnType both(TypeRow row, DataType type, CellDecoder text, CellDecoder binary, JsonForm json) {
        return new ColumnType(type, row.formatted, text, binary, false, row.qualifiedOutput, json);
    }

    /** A type whose binary form is its text. */
    private static ColumnType same(TypeRow row, DataType type, CellDecoder decoder, JsonForm json) {
        return both(row, type, decoder, decoder, json);
    }

    private static ColumnType text(TypeRow row, int length) {
        DataType type = DataType.text(Type.STRING, length);
        return new ColumnType(
                type,
                row.formatted,
                TextDecoders::bytes,
                TextDecoders::bytes,
                true,
                row.qualifiedOutput,
                JsonForm.STRING);
    }

    private static ColumnType textual(TypeRow row, Type type, JsonForm json) {
        CellDecoder cell = json.cell();
        return new ColumnType(DataType.of(type), row.formatted, cell, cell, true, row.qualifiedOutput, json);
    }

    /** The modifier holds the precision, and the scale in eleven bits with a sign (the server's numeric.c). */
    private static DataType numeric(int typmod) {
        if (typmod == ANY) {
            return DataType.of(Type.DECIMAL);
        }
        int precision = typmod - 4 >> 16 & 0xffff;
        int scale = (typmod - 4 & 0x7ff ^ 1024) - 1024;
        return scale < 0 ? DataType.decimal(precision - scale, 0) : DataType.decimal(Math.max(precision, scale), scale);
    }

    private static DataType time(Type type, int typmod) {
        return DataType.time(type, typmod == ANY ? 6 : typmod);
    }

    private JsonForm composite(long relation) throws SQLException {
        record Attribute(String name, int type, int typmod) {}
        List<Attribute> attributes = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(ATTRIBUTES)) {
            statement.setLong(1, relation);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    attributes.add(new Attribute(row.getString(1), (int) row.getLong(2), row.getInt(3)));
                }
            }
        }
        List<JsonForm> forms = new ArrayList<>();
        for (Attribute attribute : attributes) {
            forms.add(resolve(attribute.type, attribute.typmod).json());
        }
        return JsonForm.composite(attributes.stream().map(Attribute::name).toList(), forms);
    }

    /** The session's lc_monetary only shapes the text; how many of the digits are a fraction is the database's own. */
    private int moneyScale() throws SQLException {
        if (moneyScale < 0) {
            try (Statement statement = connection.createStatement()) {
                String session = one(statement, "SELECT pg_catalog.current_setting('lc_monetary')");
                statement.execute("RESET lc_monetary");
                moneyScale = Integer.parseInt(one(statement, "SELECT pg_catalog.scale(1::money::numeric)"));
                statement.execute("SET lc_monetary = " + Quoted.literal(session));
            }
        }
        return moneyScale;
    }

    private static String one(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private TypeRow row(long oid, int typmod) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TYPE)) {
            statement.setInt(1, typmod);
            statement.setLong(2, oid);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                String delimiter = row.getString("delimiter");
                return new TypeRow(
                        row.getString("nspname"),
                        row.getString("typname"),
                        row.getString("typtype").charAt(0),
                        (int) row.getLong("typbasetype"),
                        row.getInt("typtypmod"),
                        (int) row.getLong("typelem"),
                        row.getLong("typrelid"),
                        row.getString("output"),
                        row.getString("qualified_output"),
                        row.getString("formatted"),
                        delimiter == null ? (byte) ',' : (byte) delimiter.charAt(0));
            }
        }
    }
}
