/**
 * Who may do what on the standby: ACLs, client quotas and SCRAM users, copied from the source.
 * It may import {@code .replicator.receipts}, {@code .platform}, {@code .region}, and Kafka's admin client.
 */
@NullMarked
package io.breakwater.replicator.kafka.access;

import org.jspecify.annotations.NullMarked;
