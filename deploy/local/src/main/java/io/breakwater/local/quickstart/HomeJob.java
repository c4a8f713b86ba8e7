package io.breakwater.local.quickstart;

import io.breakwater.local.LocalPlatform;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Region;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.RestAnswer;
import java.io.FileNotFoundException;
import java.time.Duration;
import java.util.List;

/** Submits the group's job to the region where the group begins, as its owner does; everywhere else a runbook does. */
final class HomeJob {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int FIRST_EPOCH = 1;

    private final ProjectLayout layout;
    private final LocalPlatform platform;
    private final Waiting waiting;

    HomeJob(ProjectLayout layout, LocalPlatform platform, Waiting waiting) {
        this.layout = layout;
        this.platform = platform;
        this.waiting = waiting;
    }

    /** Returns when all of them run. */
    void submit(ProtectionGroup group) throws InterruptedException {
        FlinkRest flink = begin(group);
        for (AssetSpec job : group.assets(AssetSpec.FLINK_JOB)) {
            waiting.until(
                    "job " + job.required("name"),
                    LIMIT,
                    () -> "not running yet",
                    () -> flink.jobNamed(job.required("name"))
                            .ifOk()
                            .flatMap(found -> found)
                            .filter(found -> found.state().equals("RUNNING")));
        }
    }

    /** @return the cluster to which they were submitted */
    FlinkRest begin(ProtectionGroup group) throws InterruptedException {
        Region home = platform.platform().region(group.home());
        FlinkRest flink = new FlinkRest(home.flink().url(), LIMIT);
        for (AssetSpec job : group.assets(AssetSpec.FLINK_JOB)) {
            FlinkRest.Submission submission = FlinkRest.Submission.fresh(
                    job.required("entryClass"),
                    Integer.parseInt(job.required("parallelism")),
                    arguments(job, group.home(), home));
            String jar = answered("uploading the job's jar", upload(flink));
            answered("starting job " + job.required("name"), flink.run(jar, submission));
        }
        return flink;
    }

    private RestAnswer<String> upload(FlinkRest flink) throws InterruptedException {
        try {
            return flink.upload(layout.flightsJob());
        } catch (FileNotFoundException e) {
            throw new StoryFailedException(e.getMessage() + ": build first, ./mvnw package -DskipTests", e);
        }
    }

    private static List<String> arguments(AssetSpec job, String name, Region region) {
        return List.of(job.required("args")
                .replace("{bootstrap}", region.kafka().bootstrap())
                .replace("{region}", name)
                .replace("{epoch}", Integer.toString(FIRST_EPOCH))
                .split("\\s+"));
    }

    private static <T> T answered(String what, RestAnswer<T> answer) {
        return answer.ifOk().orElseThrow(() -> new StoryFailedException(what + ": " + answer));
    }
}
