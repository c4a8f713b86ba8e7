package io.breakwater.replicator.copy;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Copies all objects below a prefix. Both sides are listed, so that what is there already costs no request of its own.
 * Objects of the target that the source does not have stay. Thread-safe.
 */
public final class PrefixCopy {

    private final ObjectStore source;
    private final ObjectStore target;
    private final ObjectCopier copier;

    /** The stores and the copier between them stay the caller's to close. */
    public PrefixCopy(ObjectStore source, ObjectStore target, ObjectCopier copier) {
        this.source = source;
        this.target = target;
        this.copier = copier;
    }

    /** An object below the prefix, and what came of it. */
    public record Result(CopyJob job, CopyOutcome outcome) {}

    /** @return first those that were there already */
    public List<Result> copy(ObjectUri from, ObjectUri to, CopyProgress progress) throws InterruptedException {
        Map<String, ObjectInfo> there = target.list(to).stream()
                .collect(Collectors.toMap(info -> info.uri().key(), Function.identity()));
        List<CopyJob> jobs = new ArrayList<>();
        List<Result> results = new ArrayList<>();
        for (ObjectInfo meant : source.list(from)) {
            String below = meant.uri().key().substring(from.key().length());
            CopyJob job = new CopyJob(
                    meant.uri(), new ObjectUri(to.bucket(), to.key() + below), OptionalLong.of(meant.size()));
            ObjectInfo known = there.get(job.to().key());
            if (known != null && known.size() == meant.size() && known.etag().equals(meant.etag())) {
                progress.planned(job.size());
                progress.skipped(meant.size());
                progress.done();
                results.add(new Result(job, new CopyOutcome.AlreadyThere(meant.size(), known.etag())));
            } else {
                jobs.add(job);
            }
        }
        List<CopyOutcome> outcomes = copier.copy(jobs, progress);
        for (int i = 0; i < jobs.size(); i++) {
            results.add(new Result(jobs.get(i), outcomes.get(i)));
        }
        return results;
    }
}
