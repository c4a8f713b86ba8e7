package io.breakwater.local;

import io.breakwater.local.server.Principal;
import io.breakwater.local.server.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The files of a local platform that its parts are pointed to. */
public record PlatformFiles(Path directory) {

    private static final int TOKEN_BYTES = 24;

    public Path platformFile() {
        return directory.resolve("platform.yaml");
    }

    /** As one server is given it, if not all are given the same. */
    public Path platformFileOf(String server) {
        return directory.resolve("platform-" + server + ".yaml");
    }

    public Path secrets() {
        return directory.resolve("secrets");
    }

    /** Kafka client properties, one file for each principal. */
    public Path clients() {
        return directory.resolve("clients");
    }

    public Path client(Principal principal) {
        return clients().resolve(principal.user() + ".properties");
    }

    /** The bearer token of the controller's API. */
    public Path tokenFile() {
        return secrets().resolve("token");
    }

    public Path evidenceKey() {
        return secrets().resolve("evidence-key");
    }

    public Path verifierKey() {
        return directory.resolve("evidence.vkey");
    }

    public void writePlatformFile(String text) {
        write(platformFile(), text);
    }

    public void writePlatformFileOf(String server, String text) {
        write(platformFileOf(server), text);
    }

    public void writeSecrets() {
        byte[] token = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(token);
        write(tokenFile(), HexFormat.of().formatHex(token));
        write(secrets().resolve("s3-access-key"), S3Server.ACCESS_KEY);
        write(secrets().resolve("s3-secret-key"), S3Server.SECRET_KEY);
        for (Principal principal : Principal.values()) {
            write(secrets().resolve(principal.user() + ".jaas"), principal.jaas());
            Map<String, String> settings = new TreeMap<>(principal.clientSettings());
            write(
                    client(principal),
                    settings.entrySet().stream()
                            .map(setting -> setting.getKey() + "=" + setting.getValue() + "\n")
                            .collect(Collectors.joining()));
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
