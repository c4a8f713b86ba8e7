package io.breakwater.local.server;

import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Launch;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.platform.Region.ObjectStoreSite;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.Bucket;

/** An S3 server (S3Proxy on a folder) that checks signatures. */
public final class S3Server implements Server {

    public static final String SIGNING_REGION = "us-east-1";
    public static final String ACCESS_KEY = "local-access";
    public static final String SECRET_KEY = "local-secret";

    private static final List<String> SMALL = List.of("-Xmx192m", "-XX:MaxDirectMemorySize=64m", "-DLOG_LEVEL=warn");
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final int FORBIDDEN = 403;
    private static final String ADDRESS = "127.0.0.1";
    private static final String VIRTUAL_HOST = "localhost";

    private final Path directory;
    private final int port = FreePorts.next();
    private final Map<String, String> buckets;
    private final String host;
    private final ServerProcess process;

    private S3Server(
            ProjectLayout layout, String name, Path directory, Map<String, String> buckets, List<String> options) {
        this(layout, name, directory, buckets, options, ADDRESS);
    }

    private S3Server(
            ProjectLayout layout,
            String name,
            Path directory,
            Map<String, String> buckets,
            List<String> options,
            String host) {
        this.host = host;
        this.directory = directory;
        this.buckets = Map.copyOf(buckets);
        this.process = new ServerProcess(Launch.java(
                name,
                layout.classPath("s3proxy"),
                options,
                List.of("org.gaul.s3proxy.Main", "--properties", properties().toString()),
                directory,
                directory.resolve(name + ".log")));
    }

    /**
     * @param directory for its objects and log; objects that lie there already are served again
     * @param buckets by role; created if absent
     */
    public static S3Server in(ProjectLayout layout, String name, Path directory, Map<String, String> buckets) {
        return new S3Server(layout, name, directory, buckets, SMALL);
    }

    /**
     * As {@link #in}, under the name {@value #VIRTUAL_HOST}; it also takes a bucket's name from the host that it is
     * asked for, as {@code bucket.localhost}, which a client must find at 127.0.0.1.
     */
    public static S3Server withVirtualHost(
            ProjectLayout layout, String name, Path directory, Map<String, String> buckets) {
        return new S3Server(layout, name, directory, buckets, SMALL, VIRTUAL_HOST);
    }

    /** As {@link #in}, with all the speed of the JVM's compiler, for benchmarks. */
    public static S3Server atFullSpeed(ProjectLayout layout, String name, Path directory, Map<String, String> buckets) {
        List<String> options = new ArrayList<>(SMALL);
        options.addAll(List.of("-XX:TieredStopAtLevel=4", "-XX:ReservedCodeCacheSize=128m"));
        return new S3Server(layout, name, directory, buckets, options);
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

    public URI endpoint() {
        return URI.create("http://" + host + ":" + port);
    }

    /** As the platform file describes it. */
    public ObjectStoreSite site() {
        return new ObjectStoreSite(
                SIGNING_REGION, Optional.of(endpoint()), Optional.of(ACCESS_KEY), Optional.of(SECRET_KEY), buckets);
    }

    @Override
    public void launch() {
        ServerFiles.createDirectory(objects());
        ServerFiles.write(
                properties(),
                "s3proxy.endpoint=http://" + ADDRESS + ":" + port + "\n"
                        + "s3proxy.authorization=aws-v2-or-v4\n"
                        + "s3proxy.identity=" + ACCESS_KEY + "\n"
                        + "s3proxy.credential=" + SECRET_KEY + "\n"
                        + (host.equals(ADDRESS) ? "" : "s3proxy.virtual-host=" + host + "\n")
                        + "jclouds.provider=filesystem-nio2\n"
                        + "jclouds.filesystem.basedir=" + objects() + "\n"
                        + "jclouds.identity=unused\njclouds.credential=unused\n");
        process.launch();
    }

    @Override
    public void awaitReady(Progress progress) throws InterruptedException {
        // An unsigned request refused is the sign that it serves, and that it checks.
        process.awaitReady(
                new HttpProbe(endpoint(), response -> response.statusCode() == FORBIDDEN), START_LIMIT, progress);
        createBuckets();
    }

    private void createBuckets() {
        try (S3Client s3 = S3Client.builder()
                .endpointOverride(endpoint())
                .forcePathStyle(true)
                .region(Region.of(SIGNING_REGION))
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY)))
                .httpClientBuilder(Apache5HttpClient.builder())
                .build()) {
            List<String> present =
                    s3.listBuckets().buckets().stream().map(Bucket::name).toList();
            buckets.values().stream()
                    .filter(bucket -> !present.contains(bucket))
                    .forEach(bucket -> s3.createBucket(request -> request.bucket(bucket)));
        }
    }

    private Path properties() {
        return directory.resolve("s3proxy.properties");
    }

    private Path objects() {
        return directory.resolve("objects");
    }
}
