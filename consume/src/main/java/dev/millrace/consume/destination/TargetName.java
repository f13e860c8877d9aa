package dev.millrace.consume.destination;

/** A table's schema and name at the destination, already sanitised, unquoted. */
public record TargetName(String schema, String name) {
    @Override
    public String toString() {
        return schema.isEmpty() ? name : schema + "." + name;
    }
}
