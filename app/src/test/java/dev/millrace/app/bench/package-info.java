/**
 * The benchmark: what a real process of Millrace does in a second, next to what the databases' own tools do on the same machine in the same
 * run. Not part of the tests; {@code mvn -Pbench test} runs it. Each process is watched by a thread of its own ({@code watch}).
 */
package dev.millrace.app.bench;
