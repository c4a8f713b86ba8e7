package io.breakwater.local.flights;

/**
 * Where clients of the protection group should go, as the controllers say.
 *
 * @param serving whether ordinary clients are let in there
 */
public record Route(String region, long epoch, boolean serving, String bootstrap) {

    boolean leadsElsewhere(Route other) {
        return epoch != other.epoch || !region.equals(other.region);
    }
}
