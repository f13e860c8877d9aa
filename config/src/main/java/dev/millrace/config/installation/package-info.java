/**
 * The installation's own settings, typed: folders, team, page, log, worker pools. Made by the loader from {@code millrace.yaml} or from the
 * defaults; read by the composition root in {@code app}. Immutable data; safe from any thread.
 */
package dev.millrace.config.installation;
