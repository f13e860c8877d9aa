/**
 * The HTTP side of a running installation: health, Prometheus metrics and the control API that the command line uses. It knows
 * pipelines only through {@link dev.millrace.web.Installation}, which the application implements. Requests run on the server's own
 * few threads; everything an {@code Installation} answers must be cheap and safe to ask from any of them.
 */
package dev.millrace.web;
