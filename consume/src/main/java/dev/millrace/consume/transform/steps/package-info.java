/**
 * Declarative steps: compiled for each schema version into a program over cells by position, without maps and, where no expression is used,
 * without boxing. Columns that no step has to do with are copied as bytes. Handed to {@code consume.transform} as phases; a compiled program
 * belongs to the thread that gathers.
 */
package dev.millrace.consume.transform.steps;
