package io.breakwater.local.server;

import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Launch;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.platform.Region.KafkaCluster;
import io.breakwater.region.KafkaSettings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A Kafka cluster of one broker, or a further broker of one (KRaft, SASL/PLAIN for the {@link Principal}s). Everything is allowed to everyone
 * by explicit ACLs, so that a DENY takes away only what it names; without an authorizer, by there being none.
 */
public final class KafkaServer implements Server {

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration FORMAT_LIMIT = Duration.ofMinutes(1);
    private static final int FIRST = 1;
    private static final int PROBE_MILLIS = 2_000;
    private static final String ACLS =
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n";

    /**
     * The lease that the broker holds for its region.
     *
     * @param controllers base addresses of the controller nodes
     */
    public record Lease(String region, List<URI> controllers, Path tokenFile) {
        public Lease {
            controllers = List.copyOf(controllers);
        }
    }

    private final Path directory;
    private final int node;
    /** Whose cluster it belongs to, if not its own. */
    private final Optional<KafkaServer> first;

    private final String clusterId;
    private final int port = FreePorts.next();
    private final int controllerPort = FreePorts.next();
    /** Lines of its configuration. */
    private final Optional<String> authorizer;

    /** Who may do everything, as ACLs write it. */
    private List<String> allowed = List.of("User:*");

    /** Ports at which it listens further, and which of 127.0.0.1 clients are told instead. */
    private final SortedMap<Integer, Integer> further = new TreeMap<>();

    private final ServerProcess process;
    private final Launch format;

    private KafkaServer(
            ProjectLayout layout,
            String name,
            Path directory,
            Optional<String> authorizer,
            int node,
            Optional<KafkaServer> first) {
        this.directory = directory;
        this.authorizer = authorizer;
        this.node = node;
        this.first = first;
        this.clusterId =
                first.map(server -> server.clusterId).orElse(Uuid.randomUuid().toString());
        String classPath = layout.classPath("kafka");
        List<String> options =
                List.of("-Xmx320m", "-Dlog4j2.configurationFile=" + directory.resolve("log4j2.properties"));
        Path log = directory.resolve(name + ".log");
        String properties = properties().toString();
        this.process = new ServerProcess(
                Launch.java(name, classPath, options, List.of("kafka.Kafka", properties), directory, log));
        List<String> words = new ArrayList<>(List.of("kafka.tools.StorageTool", "format"));
        if (first.isEmpty()) {
            words.add("--standalone");
        }
        words.addAll(List.of("-t", clusterId, "-c", properties));
        this.format = Launch.java(name + " format", classPath, options, words, directory, log);
    }

    private static KafkaServer first(ProjectLayout layout, String name, Path directory, Optional<String> authorizer) {
        return new KafkaServer(layout, name, directory, authorizer, FIRST, Optional.empty());
    }

    /**
     * A cluster without a lease: only ACLs decide.
     *
     * @param directory for its data and log; a cluster that lies there already is taken up again
     */
    public static KafkaServer in(ProjectLayout layout, String name, Path directory) {
        return first(layout, name, directory, Optional.of(ACLS));
    }

    /**
     * A cluster without a lease whose principals are allowed by name: one that is allowed as everybody cannot be closed by
     * ACLs. {@link Principal#DRILL} may do nothing there.
     */
    public static KafkaServer closable(ProjectLayout layout, String name, Path directory) {
        KafkaServer server = in(layout, name, directory);
        server.allowed = Arrays.stream(Principal.values())
                .filter(principal -> principal != Principal.DRILL)
                .map(Principal::kafkaPrincipal)
                .toList();
        return server;
    }

    /** As {@link #in}, with settings of the broker's own. */
    public static KafkaServer withSettings(
            ProjectLayout layout, String name, Path directory, Map<String, String> settings) {
        StringBuilder lines = new StringBuilder(ACLS);
        settings.forEach(
                (key, value) -> lines.append(key).append('=').append(value).append('\n'));
        return first(layout, name, directory, Optional.of(lines.toString()));
    }

    /** A cluster that knows no access rules: who can log in may do everything. */
    public static KafkaServer withoutAuthorizer(ProjectLayout layout, String name, Path directory) {
        return first(layout, name, directory, Optional.empty());
    }

    /** A cluster whose broker pulls a lease: without one it refuses ordinary writes. */
    public static KafkaServer withLease(ProjectLayout layout, String name, Path directory, Lease lease) {
        return first(layout, name, directory, Optional.of(leased(lease)));
    }

    /**
     * One more broker of this cluster, which is no controller: it can be lost while the cluster goes on.
     *
     * @param node its id, not 1
     */
    public KafkaServer joinedBy(ProjectLayout layout, String name, Path directory, int node) {
        return new KafkaServer(layout, name, directory, authorizer, node, Optional.of(this));
    }

    @Override
    public String name() {
        return process.name();
    }

    @Override
    public List<ServerProcess> processes() {
        return List.of(process);
    }

    public int port() {
        return port;
    }

    /**
     * From its next start it has a further listener; to be called before {@link #launch}.
     *
     * @param reached says at which port of 127.0.0.1 clients reach a port of this server
     * @return bootstrap address of those clients, which are led to this address only
     */
    public String alsoReached(IntUnaryOperator reached) {
        int listening = FreePorts.next();
        int advertised = reached.applyAsInt(listening);
        further.put(listening, advertised);
        return "127.0.0.1:" + advertised;
    }

    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    /**
     * Client settings of a principal, ready for a client's constructor. A producer sends one request at a time: the
     * broker refuses the first if it does not lead a new partition yet, may take the second, and then refuses the
     * first for ever (KAFKA-15591).
     */
    public Map<String, Object> client(Principal principal) {
        Map<String, Object> settings = new HashMap<>(principal.clientSettings());
        settings.put("max.in.flight.requests.per.connection", 1);
        settings.put("bootstrap.servers", bootstrap());
        return settings;
    }

    /** As the platform file describes it. */
    public KafkaCluster cluster() {
        return new KafkaCluster(
                bootstrap(),
                Principal.ADMIN.clientSettings(),
                Principal.MIRROR.clientSettings(),
                Principal.MIRROR.kafkaPrincipal());
    }

    @Override
    public void launch() throws InterruptedException {
        ServerFiles.write(properties(), configuration());
        ServerFiles.write(directory.resolve("log4j2.properties"), ServerFiles.resource("log4j2-server.properties"));
        if (!Files.exists(data().resolve("meta.properties"))) {
            ServerProcess.run(format, FORMAT_LIMIT);
        }
        process.launch();
    }

    @Override
    public void awaitReady(Progress progress) throws InterruptedException {
        process.awaitReady(this::serves, START_LIMIT, progress);
        if (authorizer.isPresent() && first.isEmpty()) {
            allowEverything();
        }
    }

    private boolean serves() throws InterruptedException {
        if (!FreePorts.isServed(port)) {
            return false; // nobody listens yet: spare the client its warnings
        }
        try (Admin admin = admin()) {
            return admin.describeCluster().nodes().get(PROBE_MILLIS, TimeUnit.MILLISECONDS).stream()
                    .anyMatch(broker -> broker.id() == node);
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    private void allowEverything() throws InterruptedException {
        List<AclBinding> acls = Stream.of(
                        new ResourcePattern(ResourceType.TOPIC, "*", PatternType.LITERAL),
                        new ResourcePattern(ResourceType.GROUP, "*", PatternType.LITERAL),
                        new ResourcePattern(ResourceType.TRANSACTIONAL_ID, "*", PatternType.LITERAL),
                        new ResourcePattern(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL))
                .flatMap(pattern -> allowed.stream()
                        .map(who -> new AccessControlEntry(who, "*", AclOperation.ALL, AclPermissionType.ALLOW))
                        .map(entry -> new AclBinding(pattern, entry)))
                .toList();
        try (Admin admin = admin()) {
            admin.createAcls(acls).all().get();
        } catch (ExecutionException e) {
            throw new ServerFailedException(name() + ": creating its ACLs failed: " + e.getMessage(), e);
        }
    }

    private Admin admin() {
        Map<String, Object> settings = new HashMap<>(KafkaSettings.breakwater(cluster()));
        settings.put("default.api.timeout.ms", 30_000);
        return Admin.create(settings);
    }

    private Path properties() {
        return directory.resolve("broker.properties");
    }

    private Path data() {
        return directory.resolve("data");
    }

    private String configuration() {
        StringBuilder listeners = new StringBuilder("CLIENT://127.0.0.1:" + port);
        StringBuilder advertised = new StringBuilder(listeners);
        StringBuilder more = new StringBuilder();
        further.forEach((listening, reached) -> {
            listeners.append(",VIA").append(listening).append("://127.0.0.1:").append(listening);
            advertised.append(",VIA").append(listening).append("://127.0.0.1:").append(reached);
            more.append(",VIA").append(listening).append(":SASL_PLAINTEXT");
        });
        String role = first.isEmpty()
                ? "listeners=" + listeners + ",CONTROLLER://127.0.0.1:" + controllerPort + "\n"
                : "process.roles=broker\nnode.id=" + node + "\nlisteners=" + listeners + "\n";
        StringBuilder logins = new StringBuilder();
        further.keySet()
                .forEach(listening -> logins.append("listener.name.via")
                        .append(listening)
                        .append(".plain.sasl.jaas.config=")
                        .append(Principal.brokerJaas())
                        .append('\n'));
        return ServerFiles.resource("broker.properties")
                + role
                + "listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT" + more + "\n"
                + "advertised.listeners=" + advertised + "\n"
                + "controller.quorum.bootstrap.servers=127.0.0.1:"
                + first.map(server -> server.controllerPort).orElse(controllerPort) + "\n"
                + "log.dirs=" + data() + "\n"
                + "super.users=" + Principal.ADMIN.kafkaPrincipal() + "\n"
                + "listener.name.client.plain.sasl.jaas.config=" + Principal.brokerJaas() + "\n"
                + "listener.name.controller.plain.sasl.jaas.config=" + Principal.brokerJaas() + "\n"
                + logins
                + authorizer.orElse("");
    }

    private static String leased(Lease lease) {
        return "authorizer.class.name=io.breakwater.fence.LeaseAuthorizer\n"
                + "breakwater.region=" + lease.region() + "\n"
                + "breakwater.broker=" + lease.region() + "-1\n"
                + "breakwater.controllers="
                + String.join(
                        ",", lease.controllers().stream().map(URI::toString).toList()) + "\n"
                + "breakwater.token.file=" + lease.tokenFile() + "\n"
                + "breakwater.exempt.principals=" + Principal.CONNECT.kafkaPrincipal() + ","
                + Principal.MIRROR.kafkaPrincipal() + "," + Principal.DRILL.kafkaPrincipal() + "\n"
                + "breakwater.pull.interval.ms=1000\n"
                + "breakwater.pull.timeout.ms=800\n";
    }
}
