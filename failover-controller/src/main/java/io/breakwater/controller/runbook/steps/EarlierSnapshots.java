package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.ReceivedSnapshots;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The snapshots that earlier runs of flows have brought to a region. Nothing restores them any more: the jobs have gone
 * on in the other region since, and a failover takes only what the running flow has brought.
 */
public final class EarlierSnapshots {

    /** So many epochs back are looked at: what is older was looked at when it was younger. */
    private static final long EPOCHS = 100;

    private static final String METADATA = "/_metadata";

    private final ObjectStore store;
    private final ObjectStoreSite site;
    private final String group;

    /** @param store of the region that {@code site} is of */
    public EarlierSnapshots(ObjectStore store, ObjectStoreSite site, String group) {
        this.store = store;
        this.site = site;
        this.group = group;
    }

    /**
     * What one run of a flow has brought of one job.
     *
     * @param epoch in which the flow began
     * @param newest when its newest object was written, by the store's clock
     */
    public record Folder(String job, Epoch epoch, ObjectUri place, int objects, long bytes, Instant newest) {}

    /** Where the flow that began in an epoch puts a job's snapshots. */
    public ObjectUri place(String job, Epoch began) {
        return ObjectUri.parse(site.locate(ReceivedSnapshots.under(began)))
                .resolve(group)
                .resolve(job);
    }

    /**
     * Those of a job that may be deleted.
     *
     * @param running the epoch in which the flow that runs now has begun; what it brings is not looked at
     * @param before folders in which something was written later stay
     * @param kept places of snapshots; the folders in which one of them lies stay
     */
    public List<Folder> expired(String job, Epoch running, Instant before, Collection<String> kept) {
        List<Folder> expired = new ArrayList<>();
        for (long n = Math.max(1, running.number() - EPOCHS); n < running.number(); n++) {
            Epoch epoch = new Epoch(n);
            ObjectUri below = place(job, epoch).resolve("");
            List<ObjectInfo> objects = store.list(below);
            Instant newest = objects.stream()
                    .map(ObjectInfo::lastModified)
                    .max(Comparator.naturalOrder())
                    .orElse(Instant.MAX);
            boolean isKept = kept.stream().anyMatch(place -> place.startsWith(below.toString()));
            if (newest.isBefore(before) && !isKept) {
                long bytes = objects.stream().mapToLong(ObjectInfo::size).sum();
                expired.add(new Folder(job, epoch, below, objects.size(), bytes, newest));
            }
        }
        return expired;
    }

    /** All of it, first what makes a snapshot look whole. Can be done again. */
    public void delete(Folder folder) {
        store.list(folder.place()).stream()
                .map(ObjectInfo::uri)
                .sorted(Comparator.comparing(uri -> !uri.key().endsWith(METADATA)))
                .forEach(store::delete);
    }
}
