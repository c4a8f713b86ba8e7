package io.breakwater.local.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The quickstart's story as a test: takes about four minutes and 5 GB of memory. */
@Tag("full")
class StoryIT {

    private static final Progress PROGRESS = Progress.to(System.out);

    @Test
    void aRegionIsLostAndEveryCheckHolds() throws Exception {
        ProjectLayout layout = ProjectLayout.find();
        Path directory = layout.target().resolve("story-it");
        Directories.delete(directory);
        FailoverRun.Settings settings = new FailoverRun.Settings(
                directory.resolve("platform"),
                layout.root().resolve("deploy/local/platform.yaml"),
                Optional.empty(),
                2_000,
                Duration.ofSeconds(20));
        List<Long> pids;
        boolean passed;
        try (FailoverRun run = new FailoverRun(layout, settings, PROGRESS)) {
            passed = new Story(layout, directory, run, PROGRESS).tell();
            pids = run.platform().pids();
        }

        assertThat(passed).isTrue();
        assertThat(pids).isNotEmpty().noneMatch(pid -> ProcessHandle.of(pid).isPresent());
        JsonNode result = Json.MAPPER.readTree(directory.resolve("result.json").toFile());
        assertThat(result.path("kafka").path("acked").asLong())
                .isGreaterThan(20_000)
                .isEqualTo(result.path("kafka").path("mirrored").asLong()
                        + result.path("kafka").path("lost").asLong());
        assertThat(layout.root()
                        .resolve(result.path("evidence").path("directory").asText())
                        .resolve("checkpoint"))
                .exists();
    }
}
