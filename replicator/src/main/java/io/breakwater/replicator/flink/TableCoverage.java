package io.breakwater.replicator.flink;

import java.util.Optional;
import java.util.SortedMap;

/** Where the tables of a job stand on the source, and on the standby. */
interface TableCoverage {

    /**
     * The newest version of each on the source; one that is not made yet is left out.
     *
     * @throws io.breakwater.region.ObjectStoreException if the source's store does not answer
     */
    SortedMap<String, Long> newestVersions();

    /**
     * A table of which the version is not on the standby, with figures; for people.
     *
     * @throws org.apache.kafka.common.KafkaException if the standby's cluster does not answer
     */
    Optional<String> notReplicated(SortedMap<String, Long> versions);
}
