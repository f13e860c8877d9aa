/**
 * Where pipelines' objects go at the destination, told to and chosen by users: what the web and the command line ask, put to
 * {@link dev.millrace.app.pipeline.ObjectChoices} of a running pipeline or of one that doesn't run. Runs in its callers' threads.
 */
package dev.millrace.app.mapping;
