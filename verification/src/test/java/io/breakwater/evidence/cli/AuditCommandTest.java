package io.breakwater.evidence.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import io.breakwater.evidence.EvidenceKey;
import io.breakwater.evidence.EvidenceLog;
import io.breakwater.platform.Sha256;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AuditCommandTest {

    @TempDir
    private Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void makeKeyAndLog() {
        assertThat(run("keygen", "--name", "breakwater/test", "--key-file", at("key"), "--vkey-file", at("vkey")))
                .isZero();
        try (EvidenceLog log = EvidenceLog.open(dir.resolve("log"), EvidenceKey.load(dir.resolve("key")))) {
            for (int i = 0; i < 3; i++) {
                log.append(("entry " + i).getBytes(StandardCharsets.UTF_8));
            }
            log.checkpoint();
        }
    }

    @Test
    void verifiesALog() {
        assertThat(run("verify", at("log"), "--vkey-file", at("vkey"))).isZero();

        assertThat(out.toString()).contains("entries     3").endsWith("VERIFIED" + System.lineSeparator());
    }

    @Test
    void namesWhatIsNotAsItWasSigned() throws IOException {
        Files.delete(dir.resolve("log/tile/0/000.p/3"));

        assertThat(run("verify", at("log"), "--vkey-file", at("vkey"))).isEqualTo(1);

        assertThat(out.toString()).contains("FAILED      tile/0/000.p/3: is missing", "NOT VERIFIED");
    }

    @Test
    void tellsWrongUsageFromAFailedVerification() {
        assertThat(run("verify", at("none"), "--vkey-file", at("vkey"))).isEqualTo(2);
        assertThat(run("verify", at("log"), "--vkey-file", at("none"))).isEqualTo(2);
        assertThat(run("verify", at("log"))).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
        assertThat(run("keygen", "--name", "x", "--key-file", at("key"), "--vkey-file", at("vkey")))
                .isEqualTo(2);

        assertThat(err.toString())
                .contains("none: no such directory", "none: no such readable vkey file", "never overwritten");
    }

    @Test
    void aDetailInPartsIsPutTogetherAndWrittenWithTheEntriesOnceVerified() throws IOException {
        String text = "{\"a\":1}";
        appendInParts(text, Sha256.of(text.getBytes(StandardCharsets.UTF_8)));

        assertThat(run("verify", at("log"), "--vkey-file", at("vkey"), "--entries", at("entries")))
                .isZero();

        assertThat(out.toString()).contains("details     1 in parts, each with its digest");
        assertThat(Files.readAllLines(dir.resolve("entries")))
                .containsExactly(
                        "entry 0", "entry 1", "entry 2", "{\"kind\":\"step\",\"detail\":{\"ends\":{\"a\":1}}}");
    }

    @Test
    void aDetailThatIsNotAsItsEntrySaysIsNamedAndNoEntriesAreWritten() {
        String digest = Sha256.of("other".getBytes(StandardCharsets.UTF_8));
        appendInParts("{\"a\":1}", digest);

        assertThat(run("verify", at("log"), "--vkey-file", at("vkey"), "--entries", at("entries")))
                .isEqualTo(1);

        assertThat(out.toString())
                .contains("FAILED      entry 5: names a detail of 7 bytes with SHA-256 " + digest, "NOT VERIFIED");
        assertThat(dir.resolve("entries")).doesNotExist();
    }

    private void appendInParts(String text, String digest) {
        try (EvidenceLog log = EvidenceLog.open(dir.resolve("log"), EvidenceKey.load(dir.resolve("key")))) {
            for (int part = 1; part <= 2; part++) {
                String half = part == 1 ? text.substring(0, 3) : text.substring(3);
                append(
                        log,
                        "{\"kind\":\"detail-part\",\"detail\":{\"sha256\":\"" + digest
                                + "\",\"field\":\"ends\",\"part\":" + part + ",\"parts\":2,\"text\":"
                                + TextNode.valueOf(half) + "}}");
            }
            append(
                    log,
                    "{\"kind\":\"step\",\"detail\":{\"ends\":{\"parts\":2,\"bytes\":" + text.length() + ",\"sha256\":\""
                            + digest + "\"}}}");
            log.checkpoint();
        }
    }

    private static void append(EvidenceLog log, String entry) {
        log.append(entry.getBytes(StandardCharsets.UTF_8));
    }

    private int run(String... arguments) {
        CommandLine command = AuditCommand.commandLine();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    private String at(String name) {
        return dir.resolve(name).toString();
    }
}
