package io.breakwater.controller.core;

import io.breakwater.platform.Policy;

/** What the core needs of a protection group's entry in the platform file. */
public record GroupSettings(String home, String standby, Policy policy) {

    public String otherThan(String region) {
        return region.equals(home) ? standby : home;
    }
}
