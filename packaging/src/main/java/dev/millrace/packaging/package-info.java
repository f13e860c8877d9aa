package dev.millrace.packaging;
