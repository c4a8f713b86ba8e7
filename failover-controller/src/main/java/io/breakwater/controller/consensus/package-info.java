/**
 * The Raft log: events go in, every node applies them with the same machine in the same order. Apache Ratis stays here.
 * It may import {@code io.breakwater.controller.core}, the vocabulary and Ratis.
 */
@NullMarked
package io.breakwater.controller.consensus;

import org.jspecify.annotations.NullMarked;
