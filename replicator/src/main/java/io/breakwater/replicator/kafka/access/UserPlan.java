package io.breakwater.replicator.kafka.access;

import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which SCRAM users are to be made and deleted on the standby. Pure. A user that only the standby has is deleted only
 * if it was made by us.
 *
 * @param make with the source's iterations
 * @param unknown users that the standby lacks and nobody told us the password of
 * @param copied what the next plan must know
 */
record UserPlan(
        SortedMap<Login, Integer> make, SortedMap<Login, Integer> unknown, Set<Login> delete, Set<Login> copied) {

    /** @param mechanism {@code SCRAM_SHA_256} or {@code SCRAM_SHA_512} */
    record Login(String user, String mechanism) implements Comparable<Login> {
        @Override
        public int compareTo(Login other) {
            int byUser = user.compareTo(other.user);
            return byUser != 0 ? byUser : mechanism.compareTo(other.mechanism);
        }
    }

    /**
     * @param source iterations of each login
     * @param known users whose password is known
     */
    static UserPlan of(
            SortedMap<Login, Integer> source, SortedMap<Login, Integer> target, Set<String> known, Set<Login> copied) {
        SortedMap<Login, Integer> make = new TreeMap<>();
        SortedMap<Login, Integer> unknown = new TreeMap<>();
        source.forEach((login, iterations) -> {
            if (!iterations.equals(target.get(login))) {
                (known.contains(login.user()) ? make : unknown).put(login, iterations);
            }
        });
        Set<Login> delete = new TreeSet<>(copied);
        delete.removeAll(source.keySet());
        delete.retainAll(target.keySet());
        Set<Login> next = new TreeSet<>(copied);
        next.retainAll(source.keySet());
        next.addAll(make.keySet());
        return new UserPlan(make, unknown, delete, next);
    }
}
