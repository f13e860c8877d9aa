/**
 * What is done to rows before anything of them is written to disk: columns masked, rows left out. A source that is gated is wrapped
 * ({@link dev.millrace.ingest.gate.GatedSource}); connectors and engine know nothing of it. Rows of tables that no rule names are copied as
 * bytes; without any rule readers are the source's own, and only rules that there were are noticed. Every reader and what it masks with are
 * confined to their thread.
 */
package dev.millrace.ingest.gate;
