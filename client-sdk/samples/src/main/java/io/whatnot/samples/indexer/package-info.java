/**
 * Several processes index one directory tree together, while nodes and processes die.
 *
 * <p>Each directory is an element below {@code /work}; whoever holds the prefix lease on it writes the digest of each of
 * its files below it ({@link io.whatnot.samples.indexer.Worker}). How many files and bytes there are in all is kept in a
 * file outside the cluster, which nothing protects but a lease on {@code /totals}
 * ({@link io.whatnot.samples.indexer.TotalsFile}). {@link io.whatnot.samples.indexer.Quickstart} starts the workers,
 * breaks things half-way, and checks the outcome against the file system.
 */
@NullMarked
package io.whatnot.samples.indexer;

import org.jspecify.annotations.NullMarked;
