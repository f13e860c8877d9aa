/**
 * The benchmark: what a real process of Millrace does, next to what the databases' own tools do on the same machine in the same run; {@code
 * mvn -Pbench test} runs it, app/docs/BENCHMARKS.md explains it. {@code BenchTest} is the command; each {@code …Part} measures, in rounds, into
 * {@code Measurements}; {@code Figures} says which of them make a figure and what it should reach; {@code Report} prints and writes them.
 *
 * <p>Everything measured is a child process: Millrace, psql, and for the other baselines small programs of this package. Each is watched by a
 * thread of its own ({@code watch-…}).
 */
package dev.millrace.app.bench;
