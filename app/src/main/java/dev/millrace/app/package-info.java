package dev.millrace.app;
