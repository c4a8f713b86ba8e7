package io.breakwater.replicator.kafka.groups;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps single groups or partitions from being kept on the standby while the rest goes on: each is said in the log
 * once when it begins and once when it is over, and can be asked for in between. For one thread.
 */
public final class Notices {

    private static final Logger LOG = LoggerFactory.getLogger(Notices.class);

    /** What is looked at as a whole, so that what is no longer reported is over. */
    enum Area {
        /** How positions are read at all. */
        READING,
        /** Groups whose positions cannot be read. */
        SOURCE,
        /** Groups whose declared outputs are not there. */
        OUTPUTS,
        /** Partitions that the standby does not have. */
        PARTITION,
        /** Partitions of the standby where a stamp cannot be read. */
        STAMPS,
        /** Groups whose positions cannot be written. */
        STANDBY,
        /** Groups whose positions are there without their texts. */
        TEXTS,
        /** Positions that are not exact. */
        EXACTNESS
    }

    private final String flow;
    private final Map<Area, SortedMap<String, String>> standing = new EnumMap<>(Area.class);

    /** @param flow for the log: group and flow as {@code key=value} */
    public Notices(String flow) {
        this.flow = flow;
    }

    /** @param now all that stands in this area: what is wrong and the remedy, by group or partition */
    void report(Area area, Map<String, String> now) {
        SortedMap<String, String> before = standing.getOrDefault(area, new TreeMap<>());
        now.forEach((subject, text) -> {
            if (!text.equals(before.get(subject))) {
                LOG.warn("{} {}: {}", flow, subject, text);
            }
        });
        before.keySet().stream()
                .filter(subject -> !now.containsKey(subject))
                .forEach(subject -> LOG.info("{} {}: this is over: {}", flow, subject, before.get(subject)));
        standing.put(area, new TreeMap<>(now));
    }

    /** The groups that cannot be read, or have no positions. */
    public Set<String> unread() {
        return new TreeSet<>(standing.getOrDefault(Area.SOURCE, new TreeMap<>()).keySet());
    }

    /** All that stands about a group or partition. */
    public Optional<String> of(String subject) {
        String all = standing.values().stream()
                .flatMap(area -> Optional.ofNullable(area.get(subject)).stream())
                .collect(Collectors.joining("; "));
        return all.isEmpty() ? Optional.empty() : Optional.of(all);
    }
}
