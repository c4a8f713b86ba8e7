package io.breakwater.spark;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.internal.fs.Path;
import io.delta.kernel.internal.hook.LogCompactionHook;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import org.apache.spark.sql.SparkSession;

/**
 * Runs the SQL that is posted to it. {@code POST /sql}: a statement; the answer is its rows, one line of JSON each.
 * {@code POST /compact}: {@code table from to}; writes a log compaction, which Spark itself only reads. What fails is
 * answered 500 with the stack trace. Arguments: port, then Spark's settings as {@code key=value}. Several requests run
 * at a time.
 */
public final class SqlServer {

    private static final int THREADS = 4;
    private static final int OK = 200;
    private static final int FAILED = 500;

    /** What a request does. */
    private interface Action {
        List<String> run(String body) throws IOException;
    }

    private final SparkSession spark;

    private SqlServer(SparkSession spark) {
        this.spark = spark;
    }

    public static void main(String[] arguments) throws IOException {
        SparkSession.Builder builder = SparkSession.builder();
        for (int i = 1; i < arguments.length; i++) {
            String[] setting = arguments[i].split("=", 2);
            builder.config(setting[0], setting[1]);
        }
        SqlServer server = new SqlServer(builder.getOrCreate());
        HttpServer http = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])), 0);
        http.setExecutor(Executors.newFixedThreadPool(THREADS));
        http.createContext("/sql", exchange -> answer(exchange, server::sql));
        http.createContext("/compact", exchange -> answer(exchange, server::compact));
        http.start();
    }

    private List<String> sql(String statement) {
        return spark.sql(statement).toJSON().collectAsList();
    }

    private List<String> compact(String body) throws IOException {
        String[] words = body.split(" ", 3);
        Engine engine = DefaultEngine.create(spark.sparkContext().hadoopConfiguration());
        Snapshot snapshot = TableManager.loadSnapshot(words[0]).build(engine);
        new LogCompactionHook(
                        new Path(snapshot.getPath()),
                        new Path(snapshot.getPath(), "_delta_log"),
                        Long.parseLong(words[1]),
                        Long.parseLong(words[2]),
                        0)
                .threadSafeInvoke(engine);
        return List.of();
    }

    private static void answer(HttpExchange exchange, Action action) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            int status;
            String text;
            try {
                text = String.join("\n", action.run(body));
                status = OK;
            } catch (Exception e) {
                // Scala throws checked exceptions, of a statement that is wrong, without saying so.
                StringWriter trace = new StringWriter();
                e.printStackTrace(new PrintWriter(trace));
                text = trace.toString();
                status = FAILED;
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            if (bytes.length > 0) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }
}
