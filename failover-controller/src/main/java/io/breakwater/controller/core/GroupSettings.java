package io.breakwater.controller.core;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.breakwater.platform.Policy;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What the core needs of a protection group's entry in the platform file.
 *
 * @param fencedByAcls those of its regions that hold no lease: only ACLs close them
 */
public record GroupSettings(
        String home,
        String standby,
        Policy policy,
        @JsonSetter(nulls = Nulls.AS_EMPTY) SortedSet<String> fencedByAcls) {

    public GroupSettings {
        fencedByAcls = Collections.unmodifiableSortedSet(new TreeSet<>(fencedByAcls));
    }

    /** Both regions hold a lease. */
    public GroupSettings(String home, String standby, Policy policy) {
        this(home, standby, policy, new TreeSet<>());
    }

    public String otherThan(String region) {
        return region.equals(home) ? standby : home;
    }
}
