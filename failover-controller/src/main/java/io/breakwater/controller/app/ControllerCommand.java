package io.breakwater.controller.app;

import io.breakwater.controller.api.ApiStartException;
import io.breakwater.controller.consensus.RaftTls;
import io.breakwater.evidence.EvidenceException;
import io.breakwater.evidence.EvidenceKey;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code breakwater controller}: runs a controller node until it is told to end. */
@Command(
        name = "controller",
        mixinStandardHelpOptions = true,
        description = "Runs a controller node: it observes the regions, votes, decides and carries out failovers.")
public final class ControllerCommand implements Callable<Integer> {

    /** The platform's other parts count on it: the log's name, which its key has too. */
    private static final String ORIGIN = "breakwater/";

    @Option(names = "--platform", required = true, paramLabel = "FILE", description = "The platform file.")
    private Path platform = Path.of("");

    @Option(
            names = "--node",
            required = true,
            paramLabel = "ID",
            description = "Which of the platform's nodes this is.")
    private String node = "";

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "Where the node keeps its logs.")
    private Path data = Path.of("");

    @Option(names = "--token-file", required = true, paramLabel = "FILE", description = "The token that writes need.")
    private Path tokenFile = Path.of("");

    @Option(
            names = "--evidence-key",
            required = true,
            paramLabel = "FILE",
            description = "The key of the evidence log, named breakwater/<platform>.")
    private Path evidenceKey = Path.of("");

    @Option(names = "--runbooks", required = true, paramLabel = "DIR", description = "Where failover.yaml is.")
    private Path runbooks = Path.of("");

    @Option(
            names = "--joins",
            description =
                    "A node that is new to a running group: it waits until the others take it in (breakwater nodes"
                            + " add, or replace). Once they have, the option changes nothing.")
    private boolean joins;

    @ArgGroup(exclusive = false, heading = "Mutual TLS between the nodes, all three or none:%n")
    private @Nullable TlsFiles tls;

    /** Files in PEM. */
    private static final class TlsFiles {

        @Option(names = "--raft-key", required = true, paramLabel = "FILE", description = "This node's key.")
        private Path key = Path.of("");

        @Option(
                names = "--raft-certificate",
                required = true,
                paramLabel = "FILE",
                description = "This node's certificate, for the host of its raft address.")
        private Path certificate = Path.of("");

        @Option(
                names = "--raft-authority",
                required = true,
                paramLabel = "FILE",
                description = "The authority whose certificates the nodes have, and nobody else.")
        private Path authority = Path.of("");
    }

    public static void main(String[] args) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        int code = new CommandLine(new ControllerCommand())
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    line.getErr().println("breakwater controller: " + reason(e));
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(args);
        // A part that failed to start may have left a thread that keeps the process.
        System.exit(code);
    }

    /** What a person can act on: each of these says what is wrong and where. */
    private static String reason(Throwable e) {
        if (e instanceof InvalidPlatformException
                || e instanceof EvidenceException
                || e instanceof ApiStartException
                || e instanceof NodeException) {
            return String.valueOf(e.getMessage());
        }
        return "cannot start: " + e;
    }

    @Override
    public Integer call() throws InterruptedException {
        Platform loaded = PlatformFile.load(platform);
        EarlierSnapshotsDuty.check(platform, loaded);
        Node self = loaded.nodes().stream()
                .filter(n -> n.id().equals(node))
                .findFirst()
                .orElseThrow(() -> new NodeException("--node " + node + ": not in " + platform + "; there are "
                        + loaded.nodes().stream().map(Node::id).toList()));
        Optional<RaftTls> raftTls =
                Optional.ofNullable(tls).map(files -> new RaftTls(files.key, files.certificate, files.authority));
        ControllerNode.Options options =
                new ControllerNode.Options(loaded, self, data, token(), key(loaded), runbooks, raftTls, joins);
        CountDownLatch failed = new CountDownLatch(1);
        try (ControllerNode running = start(options, failed::countDown)) {
            Runtime.getRuntime().addShutdownHook(new Thread(running::close, "shutdown"));
            failed.await();
        }
        throw new NodeException("the Raft log of node " + node
                + " has failed or stood still for too long; see the log, then start the node again");
    }

    private ControllerNode start(ControllerNode.Options options, Runnable onEnd) throws InterruptedException {
        try {
            return ControllerNode.start(options, onEnd);
        } catch (IOException e) {
            throw new NodeException("node " + node + " cannot start on "
                    + options.self().raft() + " with --data " + data + ": " + e.getMessage());
        }
    }

    private String token() {
        try {
            return Files.readString(tokenFile).strip();
        } catch (IOException e) {
            throw new NodeException("--token-file " + tokenFile + ": no such readable file");
        }
    }

    private EvidenceKey key(Platform loaded) {
        EvidenceKey key = EvidenceKey.load(evidenceKey);
        String origin = ORIGIN + loaded.platform();
        if (!key.name().equals(origin)) {
            throw new InvalidPlatformException(List.of("--evidence-key " + evidenceKey + ": is named '" + key.name()
                    + "'; the log of this platform is '" + origin + "'"));
        }
        return key;
    }

    /** The node cannot start or go on; the message says why and what to change. */
    private static final class NodeException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NodeException(String message) {
            super(message);
        }
    }
}
