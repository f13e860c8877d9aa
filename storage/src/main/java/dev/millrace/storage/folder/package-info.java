/**
 * The installation's data folder: whose it is, which version wrote it, and that only one process uses it. Opened first and closed last by
 * the composition root in {@code app}; hands out the folders of log, state and temporary files. No threads of its own.
 */
package dev.millrace.storage.folder;
