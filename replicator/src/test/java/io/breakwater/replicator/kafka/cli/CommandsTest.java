package io.breakwater.replicator.kafka.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the commands refuse before they have asked anything; OffsetsCommandIT has what they do on real clusters. */
class CommandsTest {

    private static final String NOWHERE = """
            bootstrap.servers=127.0.0.1:1
            default.api.timeout.ms=500
            request.timeout.ms=400
            """;

    @TempDir
    private Path directory;

    private final StringWriter err = new StringWriter();
    private Path nowhere;
    private Path positions;

    @BeforeEach
    void writeFiles() throws IOException {
        nowhere = Files.writeString(directory.resolve("nowhere.properties"), NOWHERE);
        positions = Files.writeString(directory.resolve("positions"), "orders 0 17\n");
    }

    @Test
    void saysWhatIsMissing() {
        assertThat(translate("--to", "x")).contains("--from or --positions is needed");
        assertThat(translate("--from", "x", "--to", "y")).contains("either --group or --all-groups is needed");
        assertThat(translate("--from", "x", "--to", "y", "--group", "g", "--all-groups"))
                .contains("either --group or --all-groups is needed");
        assertThat(translate("--to", nowhere.toString(), "--positions", positions.toString(), "--apply"))
                .contains("names no group: give the one they are for with --group");
    }

    @Test
    void namesAFileThatIsNotThere() {
        Path none = directory.resolve("none.properties");

        assertThat(translate("--to", none.toString(), "--positions", positions.toString()))
                .isEqualTo("breakwater offsets: --to " + none + ": no such readable properties file\n");
    }

    @Test
    void namesAFileWithoutACluster() throws IOException {
        Path file = Files.writeString(directory.resolve("a.properties"), "security.protocol=SSL\n");

        assertThat(translate("--to", file.toString(), "--positions", positions.toString()))
                .startsWith("breakwater offsets: --to " + file + ": it has no bootstrap.servers;");
    }

    @Test
    void namesASecretThatIsNotThere() throws IOException {
        Path file = Files.writeString(
                directory.resolve("a.properties"), "bootstrap.servers=x:1\nsasl.jaas.config=${file:/no/such/file}\n");

        assertThat(translate("--to", file.toString(), "--positions", positions.toString()))
                .contains("--to " + file)
                .contains("${file:/no/such/file}: no such readable file");
    }

    @Test
    void namesAClusterThatDoesNotAnswer() {
        assertThat(translate("--from", nowhere.toString(), "--to", nowhere.toString(), "--group", "g"))
                .startsWith("breakwater offsets: --from " + nowhere + " (127.0.0.1:1): the cluster does not answer (")
                .endsWith("is it running, and do the settings fit its listener?\n");
    }

    @Test
    void namesSettingsThatKafkaRefuses() throws IOException {
        Path file = Files.writeString(
                directory.resolve("a.properties"), "bootstrap.servers=127.0.0.1:1\nsecurity.protocol=MAGIC\n");

        assertThat(translate("--to", file.toString(), "--positions", positions.toString()))
                .contains("--to " + file)
                .contains("MAGIC");
    }

    @Test
    void namesASourceIdThatNoStampHas() {
        assertThat(translate(
                        "--to",
                        nowhere.toString(),
                        "--positions",
                        positions.toString(),
                        "--source-cluster-id",
                        "lkc-12345"))
                .contains("--source-cluster-id 'lkc-12345' is no UUID as Kafka writes them, 22 characters");
    }

    @Test
    void aLedgerNeedsTwoClustersTopicsAndAPlace() {
        String file = nowhere.toString();

        assertThat(kafka("ledger")).contains("Missing required option: '--from'");
        assertThat(kafka("ledger", "--from", file, "--to", file, "--topics", "a"))
                .contains("Missing required option: '--out'");
        assertThat(kafka("ledger", "--from", file, "--to", file, "--topics", "(", "--out", "x"))
                .contains("Invalid value for option '--topics'");
        assertThat(kafka("ledger", "--from", file, "--to", file, "--topics", "a", "--out", "s3://bucket"))
                .isEqualTo("breakwater kafka: 's3://bucket': expected s3://bucket/key\n");
        assertThat(kafka("ledger", "--from", file, "--to", file, "--topics", "a", "--out", "" + directory))
                .startsWith("breakwater kafka: --from " + file + " (127.0.0.1:1): the cluster does not answer (");
    }

    @Test
    void aFolderWithoutALedgerIsNotVerified() {
        assertThat(kafka("ledger", "verify", directory.toString()))
                .isEqualTo("breakwater kafka: " + directory.resolve("manifest.json")
                        + ": it is not there; a ledger without a manifest is not complete: make it anew\n");
    }

    /** @return standard error, after exit code 2 */
    private String kafka(String... arguments) {
        return refused(KafkaCommand.commandLine(), List.of(arguments));
    }

    /** @return standard error, after exit code 2 */
    private String translate(String... arguments) {
        List<String> all = new ArrayList<>(List.of("translate"));
        all.addAll(List.of(arguments));
        return refused(OffsetsCommand.commandLine(), all);
    }

    private String refused(CommandLine command, List<String> arguments) {
        err.getBuffer().setLength(0);
        int code = command.setErr(new PrintWriter(err, true)).execute(arguments.toArray(new String[0]));
        assertThat(code).as(err.toString()).isEqualTo(2);
        return err.toString();
    }
}
