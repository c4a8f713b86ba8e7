/**
 * Topics as a whole: the mirror's connector with its guards, what MirrorMaker leaves undone, and the mirror's health.
 * It may import {@code .replicator.kafka}, {@code .replicator.receipts}, {@code .platform}, {@code .region}, and MirrorMaker.
 */
@NullMarked
package io.breakwater.replicator.kafka.topics;

import org.jspecify.annotations.NullMarked;
