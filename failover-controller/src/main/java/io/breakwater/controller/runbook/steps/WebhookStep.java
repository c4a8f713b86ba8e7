package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.Runbook;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Tells a server of the platform's owner that an operation has come to this step: a POST of JSON, done once it is
 * answered with 2xx. A repetition has the same {@code Idempotency-Key}, {@code <operation>/<step>}.
 */
public final class WebhookStep implements RunbookStep {

    private static final String URL = "url";
    private static final String AUTHORIZATION = "authorization";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    @Override
    public String id() {
        return "webhook";
    }

    @Override
    public List<String> check(Runbook.Entry entry) {
        List<String> wrong = EntrySettings.keys(entry, Set.of(URL), Set.of(AUTHORIZATION));
        String url = entry.with().get(URL);
        if (url != null && !url.matches("https?://[^/\\s]+(/\\S*)?")) {
            wrong.add("with.url: '" + url + "'; http://host:port/path is needed");
        }
        return wrong;
    }

    @Override
    public String preview(Preview preview) {
        return "posts operation, group, epoch " + preview.epoch() + " and regions to "
                + preview.entry().with().get(URL);
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        Operation operation = context.operation();
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("operation", operation.id())
                .put("kind", operation.kind())
                .put("step", context.step())
                .put("group", context.group())
                .put("epoch", context.epoch().number())
                .put("from", context.flow().from())
                .put("to", context.flow().to());
        URI url = URI.create(context.settings().getOrDefault(URL, ""));
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", operation.id() + "/" + context.step())
                .POST(BodyPublishers.ofString(body.toString()));
        if (context.settings().containsKey(AUTHORIZATION)) {
            request.header("Authorization", Secret.resolve(context.settings().getOrDefault(AUTHORIZATION, "")));
        }
        try {
            HttpResponse<Void> answer = http.send(request.build(), BodyHandlers.discarding());
            return answer.statusCode() / 100 == 2
                    ? new StepOutcome.Done(JsonNodeFactory.instance.objectNode().put("status", answer.statusCode()))
                    : new StepOutcome.Failed("POST " + url + " is answered with HTTP " + answer.statusCode());
        } catch (IOException e) {
            return new StepOutcome.Failed("POST " + url + " is not answered");
        }
    }
}
