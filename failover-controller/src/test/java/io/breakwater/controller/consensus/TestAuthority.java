package io.breakwater.controller.consensus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority that gives certificates for 127.0.0.1, made by the JDK's keytool. */
final class TestAuthority {

    private static final String PASSWORD = "changeit";
    private static final String SELF = "authority";

    private final Path directory;
    private final Path store;

    TestAuthority(Path directory) throws IOException, InterruptedException {
        this.directory = Files.createDirectories(directory);
        this.store = directory.resolve("keys.p12");
        keytool(SELF, "-ext", "bc:c");
    }

    RaftTls certify(String name) throws IOException, InterruptedException, GeneralSecurityException {
        keytool(name, "-signer", SELF, "-ext", "san=ip:127.0.0.1");
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        return new RaftTls(
                pem(
                        name + ".key",
                        "PRIVATE KEY",
                        keys.getKey(name, PASSWORD.toCharArray()).getEncoded()),
                pem(name + ".crt", "CERTIFICATE", keys.getCertificate(name).getEncoded()),
                pem("authority.crt", "CERTIFICATE", keys.getCertificate(SELF).getEncoded()));
    }

    private Path pem(String file, String kind, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                directory.resolve(file), "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n");
    }

    private void keytool(String alias, String... more) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                "CN=" + alias,
                "-keyalg",
                "EC",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        words.addAll(List.of(more));
        Path log = directory.resolve("keytool.log");
        int code = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("keytool: " + Files.readString(log));
        }
    }
}
