package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.region.FlinkRest.Submission;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * An asset of kind {@code flink-job}, as far as it must be known to submit the job.
 *
 * @param jar where its jar is, with the bucket's role
 * @param arguments of its main method; {@code {bootstrap}}, {@code {region}} and {@code {epoch}} stand for those of the
 *     region where it runs
 * @param older how far back its restore may go
 */
record FlinkJobSettings(
        String name, String jar, String entryClass, int parallelism, List<String> arguments, OlderSnapshots older) {

    /** @throws InvalidPlatformException if a setting is missing or wrong */
    static FlinkJobSettings of(AssetSpec spec) {
        String name = spec.required("name");
        String parallelism = spec.required("parallelism");
        if (!parallelism.matches("[1-9]\\d{0,4}")) {
            throw new InvalidPlatformException(List.of("assets: flink-job " + name + ": parallelism: '" + parallelism
                    + "' is not a number from 1 to 99999"));
        }
        List<String> arguments = Arrays.stream(spec.setting("args").orElse("").split("\\s+"))
                .filter(argument -> !argument.isEmpty())
                .toList();
        return new FlinkJobSettings(
                name,
                spec.required("jar"),
                spec.required("entryClass"),
                Integer.parseInt(parallelism),
                arguments,
                OlderSnapshots.of(name, spec));
    }

    AssetId id() {
        return new AssetId(AssetSpec.FLINK_JOB, name);
    }

    Submission submission(String region, String bootstrap, Epoch epoch, String savepoint, String jobId) {
        List<String> substituted = arguments.stream()
                .map(argument -> argument.replace("{bootstrap}", bootstrap)
                        .replace("{region}", region)
                        .replace("{epoch}", epoch.toString()))
                .toList();
        return new Submission(entryClass, parallelism, substituted, Optional.of(savepoint), Optional.of(jobId));
    }
}
