/**
 * Scripts as a phase: runs {@code transform(event)} of {@link dev.millrace.consume.script} on each row, learns the shape of what comes back, and
 * writes it. One script's shapes are shared by the threads that gather; everything else is confined to one of them.
 */
package dev.millrace.consume.transform.scripts;
