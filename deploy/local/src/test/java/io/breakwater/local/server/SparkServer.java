package io.breakwater.local.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Launch;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.platform.Json;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Spark with Delta Lake, in a process of its own, which reads and writes tables in some S3 servers. The build has it
 * with {@code -Dfull} only. Statements may be run from several threads.
 */
public final class SparkServer implements Server {

    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Duration STATEMENT_LIMIT = Duration.ofMinutes(3);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final List<String> OPENED = List.of(
            "java.lang",
            "java.lang.invoke",
            "java.lang.reflect",
            "java.io",
            "java.net",
            "java.nio",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "sun.nio.ch",
            "sun.nio.cs",
            "sun.security.action",
            "sun.util.calendar");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** A statement failed; the message has Spark's own. */
    public static final class SparkException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        SparkException(String statement, String answer) {
            super(statement + ": " + answer);
        }
    }

    /**
     * What Spark reads of a table at a version.
     *
     * @param digest of the rows, whatever their order; not comparable with another reader's
     */
    public record Content(long rows, String digest) {}

    private final int port = FreePorts.next();
    private final Path directory;
    private final ServerProcess process;

    /**
     * @param directory for its log and working files
     * @param stores with the tables that it may be asked about; their buckets have different names
     */
    public SparkServer(ProjectLayout layout, Path directory, List<S3Server> stores) {
        this.directory = directory;
        List<String> options = new ArrayList<>(List.of("-Xmx1200m", "-XX:TieredStopAtLevel=4", "-Xss4m"));
        options.add("-XX:ReservedCodeCacheSize=192m");
        options.add("-Djdk.reflect.useDirectMethodHandle=false");
        OPENED.forEach(name -> options.add("--add-opens=java.base/" + name + "=ALL-UNNAMED"));
        List<String> program = new ArrayList<>(List.of("io.breakwater.spark.SqlServer", String.valueOf(port)));
        settings(stores).forEach((key, value) -> program.add(key + "=" + value));
        this.process = new ServerProcess(Launch.java(
                "spark",
                layout.sparkProgram() + ":" + layout.classPath("spark"),
                options,
                program,
                directory,
                directory.resolve("spark.log")));
    }

    private Map<String, String> settings(List<S3Server> stores) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("spark.master", "local[2]");
        settings.put("spark.app.name", "breakwater");
        settings.put("spark.ui.enabled", "false");
        settings.put("spark.driver.host", "127.0.0.1");
        settings.put("spark.driver.bindAddress", "127.0.0.1");
        settings.put("spark.local.dir", directory.resolve("tmp").toString());
        settings.put("spark.sql.warehouse.dir", directory.resolve("warehouse").toString());
        settings.put("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension");
        settings.put("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");
        settings.put("spark.sql.shuffle.partitions", "2");
        settings.put("spark.sql.session.timeZone", "UTC");
        settings.put("spark.databricks.delta.snapshotPartitions", "1");
        settings.put("spark.databricks.delta.retentionDurationCheck.enabled", "false");
        settings.put("spark.hadoop.fs.s3a.path.style.access", "true");
        settings.put("spark.hadoop.fs.s3a.connection.ssl.enabled", "false");
        settings.put("spark.hadoop.fs.s3a.endpoint.region", S3Server.SIGNING_REGION);
        settings.put("spark.hadoop.fs.s3a.access.key", S3Server.ACCESS_KEY);
        settings.put("spark.hadoop.fs.s3a.secret.key", S3Server.SECRET_KEY);
        settings.put(
                "spark.hadoop.fs.s3a.aws.credentials.provider",
                "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider");
        settings.put("spark.hadoop.fs.s3a.change.detection.mode", "none");
        settings.put("spark.hadoop.fs.s3a.fast.upload.buffer", "bytebuffer");
        for (S3Server store : stores) {
            store.site()
                    .buckets()
                    .values()
                    .forEach(bucket -> settings.put(
                            "spark.hadoop.fs.s3a.bucket." + bucket + ".endpoint",
                            store.endpoint().toString()));
        }
        return settings;
    }

    /** @return the rows, as objects by column */
    public List<JsonNode> sql(String statement) {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : post("/sql", statement).lines().toList()) {
            try {
                rows.add(Json.MAPPER.readTree(line));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("Spark's answer is no JSON: " + line, e);
            }
        }
        return rows;
    }

    /** Writes a log compaction, which Spark reads and does not write. */
    public void compact(ObjectUri table, long from, long to) {
        post("/compact", s3a(table) + " " + from + " " + to);
    }

    /** Reads every row. */
    public Content content(ObjectUri table, long version) {
        return digested(named(table) + " VERSION AS OF " + version);
    }

    /** Reads every row of the version that a reader gets who does not name one. */
    public Content newest(ObjectUri table) {
        return digested(named(table));
    }

    /** Where a map has arrays for keys, Spark's JSON has the number of a Java object, another one each time. */
    private Content digested(String source) {
        String text = "regexp_replace(to_json(struct(*)), 'ColumnarArray@[0-9a-f]+', 'array')";
        JsonNode row = sql("SELECT count(*) AS n, coalesce(sum(cast(xxhash64(" + text
                        + ") AS decimal(38,0))), 0) AS h FROM " + source)
                .get(0);
        return new Content(row.path("n").asLong(), row.path("h").asText());
    }

    /** The table as a statement names it. */
    public static String named(ObjectUri table) {
        return "delta.`" + s3a(table) + "`";
    }

    private static String s3a(ObjectUri table) {
        return "s3a://" + table.bucket() + "/" + table.key();
    }

    private String post(String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(STATEMENT_LIMIT)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != OK) {
                throw new SparkException(body, answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new SparkException(body, String.valueOf(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SparkException(body, "interrupted");
        }
    }

    @Override
    public String name() {
        return process.name();
    }

    @Override
    public List<ServerProcess> processes() {
        return List.of(process);
    }

    @Override
    public void launch() {
        ServerFiles.createDirectory(directory.resolve("tmp"));
        process.launch();
    }

    @Override
    public void awaitReady(Progress progress) throws InterruptedException {
        process.awaitReady(
                new HttpProbe(
                        URI.create("http://127.0.0.1:" + port + "/"), response -> response.statusCode() == NOT_FOUND),
                START_LIMIT,
                progress);
    }
}
