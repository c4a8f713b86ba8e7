package io.breakwater.replicator.flink.cli;

import static io.breakwater.replicator.flink.snapshot.FlinkState.coordinator;
import static io.breakwater.replicator.flink.snapshot.FlinkState.listStates;
import static io.breakwater.replicator.flink.snapshot.FlinkState.metadata;
import static io.breakwater.replicator.flink.snapshot.FlinkState.operator;
import static io.breakwater.replicator.flink.snapshot.FlinkState.readerElement;
import static io.breakwater.replicator.flink.snapshot.FlinkState.split;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.replicator.kafka.cli.Failures;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle.ChangelogStateBackendHandleImpl;
import org.apache.flink.runtime.state.changelog.ChangelogStateHandleStreamImpl;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands on a checkpoint in a folder, with files outside of its own directory. */
class SavepointCommandTest {

    private static final byte[] STATE = "the state of all keys".getBytes(UTF_8);

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void takeCheckpoint() throws Exception {
        Path shared = Files.createDirectories(folder.resolve("east/shared")).resolve("sst");
        Files.write(shared, STATE);
        OperatorState source = operator("flights", 1);
        source.putState(
                0,
                OperatorSubtaskState.builder()
                        .setManagedOperatorState(listStates(
                                false, Map.of("SourceReaderState", List.of(readerElement(split(0, 100))))))
                        .build());
        source.setCoordinatorState(coordinator(split(0, 5), split(1, 200)));
        OperatorState keyed = operator("delays", 1);
        keyed.putState(
                0,
                OperatorSubtaskState.builder()
                        .setManagedKeyedState(new IncrementalRemoteKeyedStateHandle(
                                UUID.randomUUID(),
                                KeyGroupRange.of(0, 127),
                                7,
                                List.of(HandleAndLocalPath.of(
                                        new FileStateHandle(
                                                new org.apache.flink.core.fs.Path(shared.toUri()), STATE.length),
                                        "1.sst")),
                                List.of(),
                                new ByteStreamStateHandle("meta", new byte[] {1})))
                        .build());
        OperatorState sink = operator("delays-sink", 1);
        sink.putState(
                0,
                OperatorSubtaskState.builder()
                        .setManagedOperatorState(
                                listStates(false, Map.of("writer_raw_states", List.of("tx".getBytes(UTF_8)))))
                        .build());
        Files.write(
                Files.createDirectories(folder.resolve("east/chk-7")).resolve("_metadata"),
                metadata(6, source, keyed, sink));
    }

    @Test
    void inspectShowsOperatorsPositionsAndSinks() throws Exception {
        assertThat(run("inspect", at("east/chk-7"), "--json")).isZero();

        JsonNode shown = Json.MAPPER.readTree(out.toString());
        assertThat(shown.path("formatVersion").asInt()).isEqualTo(6);
        assertThat(shown.findValuesAsText("uid")).containsExactly("flights", "delays", "delays-sink");
        assertThat(shown.at("/operators/0/positions")).hasSize(2);
        assertThat(shown.at("/operators/1/files/0/path").asText())
                .isEqualTo("file:" + folder.resolve("east/shared/sst"));
        assertThat(shown.at("/operators/2/writerStates").asInt()).isEqualTo(1);
    }

    @Test
    void inspectIsReadableToo() {
        assertThat(run("inspect", folder.resolve("east/chk-7/_metadata").toString()))
                .isZero();

        assertThat(out.toString())
                .contains("Flink 2.1 to 2.3")
                .containsPattern("flights +in +1 +200")
                .containsPattern("delays-sink +- +1")
                .contains("Can be carried to another cluster");
    }

    @Test
    void checkNamesWhatIsMissingOrShort() throws Exception {
        assertThat(run("check", at("east/chk-7"))).isZero();

        Files.write(folder.resolve("east/shared/sst"), new byte[3]);
        assertThat(run("check", at("east/chk-7"))).isEqualTo(Failures.NOT_ALL);
        Files.delete(folder.resolve("east/shared/sst"));
        assertThat(run("check", at("east/chk-7"), "--json")).isEqualTo(Failures.NOT_ALL);

        assertThat(out.toString())
                .contains("wrong size: file:" + folder.resolve("east/shared/sst") + " has 3 bytes")
                .contains("missing: file:" + folder.resolve("east/shared/sst"));
    }

    @Test
    void filesOfAChangelogAreCheckedAndCopied() throws Exception {
        takeCheckpointWithChangelog();
        assertThat(run("check", at("east/chk-8"))).isZero();
        assertThat(run("relocate", at("east/chk-8"), at("west/moved"))).isZero();
        assertThat(folder.resolve("west/moved/changes")).hasBinaryContent(new byte[41]);
        assertThat(run("check", at("west/moved"))).isZero();

        Files.write(folder.resolve("east/log/changes"), new byte[40]);
        assertThat(run("check", at("east/chk-8"))).isEqualTo(Failures.NOT_ALL);
        assertThat(run("relocate", at("east/chk-8"), at("west/cut"))).isEqualTo(Failures.NOT_ALL);
        Files.delete(folder.resolve("east/log/changes"));
        assertThat(run("check", at("east/chk-8"))).isEqualTo(Failures.NOT_ALL);
        assertThat(run("relocate", at("east/chk-8"), at("west/part"))).isEqualTo(Failures.NOT_ALL);

        assertThat(out.toString())
                .contains("wrong size: file:" + folder.resolve("east/log/changes")
                        + " has 40 bytes, the metadata says 40 bytes of changes")
                .contains("missing: file:" + folder.resolve("east/log/changes"));
        assertThat(err.toString())
                .contains("wrong size: file:" + folder.resolve("west/cut/changes"))
                .contains("1 of 1 files did not arrive");
        assertThat(folder.resolve("west/part/_metadata")).doesNotExist();
    }

    private void takeCheckpointWithChangelog() throws Exception {
        Path log = Files.createDirectories(folder.resolve("east/log")).resolve("changes");
        Files.write(log, new byte[41]);
        KeyGroupRange all = KeyGroupRange.of(0, 127);
        ChangelogStateHandleStreamImpl changes = new ChangelogStateHandleStreamImpl(
                List.of(Tuple2.of(new FileStateHandle(new org.apache.flink.core.fs.Path(log.toUri()), 40), 0L)),
                all,
                40,
                40,
                "filesystem");
        OperatorState keyed = operator("delays", 1);
        keyed.putState(
                0,
                OperatorSubtaskState.builder()
                        .setManagedKeyedState(
                                new ChangelogStateBackendHandleImpl(List.of(), List.of(changes), all, 8, 1, 40))
                        .build());
        Files.write(Files.createDirectories(folder.resolve("east/chk-8")).resolve("_metadata"), metadata(6, keyed));
    }

    @Test
    void relocateMakesACopyThatNeedsNothingOfTheSource() throws Exception {
        assertThat(run("relocate", at("east/chk-7"), at("west/moved"))).isZero();
        assertThat(run("relocate", at("east/chk-7"), at("west/moved"))).isZero();

        assertThat(out.toString()).contains("1 copied now").contains("0 copied now");
        Files.delete(folder.resolve("east/shared/sst"));
        assertThat(run("check", at("west/moved"))).isZero();
        Files.write(folder.resolve("west/moved/sst"), "another of equal size".getBytes(UTF_8));
        assertThat(run("check", at("west/moved"))).isEqualTo(Failures.NOT_ALL);
        assertThat(out.toString()).contains("changed: file:" + folder.resolve("west/moved/sst"));
    }

    @Test
    void relocateReplacesNoOtherSnapshotAndMakesNoneOfAPart() throws Exception {
        assertThat(run("relocate", at("east/chk-7"), at("east/chk-7"))).isEqualTo(Failures.NOT_DONE);
        Files.createDirectories(folder.resolve("west/other"));
        Files.write(folder.resolve("west/other/_metadata"), new byte[1]);
        assertThat(run("relocate", at("east/chk-7"), at("west/other"))).isEqualTo(Failures.NOT_DONE);
        Files.delete(folder.resolve("east/shared/sst"));
        assertThat(run("relocate", at("east/chk-7"), at("west/part"))).isEqualTo(Failures.NOT_ALL);

        assertThat(err.toString())
                .contains("same directory")
                .contains("another snapshot stands there")
                .contains("1 of 1 files did not arrive");
        assertThat(folder.resolve("west/part/_metadata")).doesNotExist();
    }

    @Test
    void rewritePutsTranslatedPositionsByTheFile() throws Exception {
        assertThat(run("inspect", at("east/chk-7"), "--positions")).isZero();
        assertThat(out.toString()).contains("\"offset\" : 100").contains("\"offset\" : 200");
        String file = positions("[" + place(0, 100, 1100) + "," + place(1, 200, 1300) + "]");

        int code = run(
                "rewrite",
                at("east/chk-7"),
                at("west/rewritten"),
                "--positions",
                file,
                "--topic",
                "in=east.in",
                "--sink",
                "delays-sink=drop-with-new-prefix");

        assertThat(err.toString()).isEmpty();
        assertThat(code).isZero();
        assertThat(out.toString()).contains("dropped: 1 elements of sink delays-sink");
        out.getBuffer().setLength(0);
        assertThat(run("inspect", at("west/rewritten"), "--positions")).isZero();
        JsonNode rewritten = Json.MAPPER.readTree(out.toString());
        assertThat(rewritten.findValuesAsText("offset")).containsExactly("1100", "1300");
        assertThat(rewritten.findValuesAsText("topic")).containsOnly("east.in");
    }

    @Test
    void rewriteRefusesWhatHasNoPlaceAndSinksWithoutAPolicy() throws Exception {
        String other = positions("[" + place(0, 99, 1100) + "," + early(1, 200, 1200) + "]");
        String all = positions("[" + place(0, 100, 1100) + "," + place(1, 200, 1300) + "]");

        assertThat(run("rewrite", at("east/chk-7"), at("west/a"), "--positions", other, "--sink", "keep"))
                .isEqualTo(Failures.NOT_ALL);
        assertThat(run("rewrite", at("east/chk-7"), at("west/b"), "--positions", all))
                .isEqualTo(Failures.NOT_ALL);
        assertThat(run("rewrite", at("east/chk-7"), at("west/c"), "--positions", all, "--sink", "nobody=keep"))
                .isEqualTo(Failures.NOT_DONE);
        assertThat(run("rewrite", at("east/chk-7"), at("west/d"))).isEqualTo(Failures.NOT_DONE);

        assertThat(err.toString())
                .contains("in-0 at offset 100: ")
                .contains("has only offsets [99] of this partition")
                .contains("in-1 at offset 200: only a place before it is known (1200)")
                .contains("operator delays-sink")
                .contains("no operator 'nobody'")
                .contains("either --positions or --to-cluster is needed");
        assertThat(folder.resolve("west")).doesNotExist();
    }

    @Test
    void whatIsNoSnapshotIsSaidSo() throws Exception {
        Files.createDirectories(folder.resolve("foreign"));
        Files.writeString(folder.resolve("foreign/_metadata"), "PAR1 is not it");

        assertThat(run("inspect", at("nowhere"))).isEqualTo(Failures.NOT_DONE);
        assertThat(run("inspect", "gs://bucket/savepoint")).isEqualTo(Failures.NOT_DONE);
        assertThat(run("inspect", at("foreign"))).isEqualTo(Failures.NOT_ALL);

        assertThat(err.toString())
                .contains("no _metadata there")
                .contains("other stores are not known")
                .contains("foreign: _metadata of 14 bytes is not Flink's");
    }

    private String at(String place) {
        return "file://" + folder.resolve(place);
    }

    private String positions(String json) throws Exception {
        return Files.writeString(Files.createTempFile(folder, "positions", ".json"), json)
                .toString();
    }

    private static String place(int partition, long offset, long target) {
        return "{\"topic\": \"in\", \"partition\": %d, \"offset\": %d, \"how\": \"exact\", \"targetOffset\": %d}"
                .formatted(partition, offset, target);
    }

    private static String early(int partition, long offset, long target) {
        return place(partition, offset, target).replace("exact", "early");
    }

    private int run(String... arguments) {
        CommandLine command = SavepointCommand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }
}
