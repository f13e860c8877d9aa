package dev.millrace.consume.destination;

/**
 * @param maxBytes the longest identifier in UTF-8 bytes
 * @param caseSensitive whether quoted names that differ in case only are different names
 * @param defaultSchema where tables go whose source has no schema
 */
public record NamingRules(int maxBytes, boolean caseSensitive, String defaultSchema) {}
