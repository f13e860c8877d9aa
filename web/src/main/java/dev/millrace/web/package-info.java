package dev.millrace.web;
