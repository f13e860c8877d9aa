package dev.millrace.app.fault;

import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * One trial of a family.
 *
 * @param number from 0; families with named faults take them in turn by it
 * @param seed of {@link #random}, made of the suite's seed, the family and the number
 * @param random the trial's only source of chance
 * @param folder empty, deleted after the trial
 * @param longForm whether the run may take its time
 * @param tally where to count what was done and found
 */
public record Trial(int number, long seed, SplittableRandom random, Path folder, boolean longForm, Tally tally) {}
