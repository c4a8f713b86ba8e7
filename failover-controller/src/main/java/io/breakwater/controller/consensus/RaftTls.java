package io.breakwater.controller.consensus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;

/**
 * What a node shows to the others and asks of them: all Raft traffic is encrypted, and both sides need a certificate of
 * the authority. Files in PEM, read once at the start.
 *
 * @param key of the node, PKCS #8, not encrypted
 * @param certificate of the node, with the host or address of its {@code raft} setting as a subject alternative name
 * @param authority certificates that are trusted: of the controller nodes' own authority and of no other, because
 *     whoever has a certificate of it can write to the log
 */
public record RaftTls(Path key, Path certificate, Path authority) {

    /** @throws IOException if a file cannot be read */
    Parameters parameters() throws IOException {
        for (Path file : new Path[] {key, certificate, authority}) {
            if (!Files.isReadable(file)) {
                throw new IOException(file + ": no such readable file");
            }
        }
        Parameters parameters = new Parameters();
        GrpcConfigKeys.TLS.setConf(
                parameters, new GrpcTlsConfig(key.toFile(), certificate.toFile(), authority.toFile(), true));
        return parameters;
    }
}
