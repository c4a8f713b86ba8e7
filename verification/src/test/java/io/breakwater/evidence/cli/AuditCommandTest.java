package io.breakwater.evidence.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.evidence.EvidenceKey;
import io.breakwater.evidence.EvidenceLog;
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
