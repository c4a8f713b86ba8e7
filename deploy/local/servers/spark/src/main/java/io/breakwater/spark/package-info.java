/**
 * A program for tests: Spark with Delta Lake, in a process of its own because of its 300 MB of jars.
 * It imports nothing of ours.
 */
@NullMarked
package io.breakwater.spark;

import org.jspecify.annotations.NullMarked;
