package dev.millrace.app.bench;

/** What every part works with. */
record Work(Settings settings, Bench bench, Clients clients, Measurements measurements) {}
