/**
 * Kafka topics and groups: MirrorMaker's connector configured for recovery, the stamp, group positions, their receipts.
 * It may import {@code io.breakwater.platform}, {@code .region}, {@code .replicator}, {@code .receipts}, Connect's API.
 */
@NullMarked
package io.breakwater.replicator.kafka;

import org.jspecify.annotations.NullMarked;
