package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.app.ControlPlane;
import io.breakwater.controller.signal.AlertBoard;
import io.breakwater.controller.signal.RegionAssessment;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Platform;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.openapi.router.OpenAPIRoute;
import io.vertx.ext.web.openapi.router.RequestExtractor;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import java.net.BindException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/** The HTTP server of a controller node: the REST API of {@code openapi.yaml}, events, metrics and the page. */
public final class ApiServer implements AutoCloseable {

    private static final long START_SECONDS = 30;
    private static final long DRAIN_SECONDS = 3;
    private static final int MAX_BODY_BYTES = 64 * 1024;
    private static final int IDLE_SECONDS = 60;
    private static final String JSON = "application/json";
    private static final String PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; "
            + "script-src 'unsafe-inline'; connect-src 'self'; img-src data:; frame-ancestors 'none'";
    /** Statuses with which routing itself fails a request. */
    private static final List<Integer> ROUTING_FAILURES = List.of(400, 401, 403, 404, 405, 406, 413, 415, 500);

    private final Vertx vertx;
    private final BearerToken token;
    private final ControlRequests requests;
    private final PersonRequests persons;
    private final NodeRequests nodes;
    private final DryRunRequests dryRuns;
    private final AlertRequests alerts;
    private final ControlMetrics metrics;
    private final EventStream events;
    private final HttpServer server;

    private ApiServer(
            HostPort address,
            BearerToken token,
            ControlPlane control,
            Platform platform,
            Function<String, RegionAssessment> assessments,
            AlertBoard alerts,
            RunbookPreview previews,
            ClientPositions positions,
            TableVersions tables,
            Clock clock) {
        this.token = token;
        this.vertx = Vertx.vertx();
        LoggedProposals proposals = new LoggedProposals(control, clock);
        this.requests = new ControlRequests(control, platform, assessments, positions, tables, proposals, clock);
        this.persons = new PersonRequests(control, proposals);
        this.nodes = new NodeRequests(control, platform, proposals);
        this.dryRuns = new DryRunRequests(control, platform, previews);
        this.alerts = new AlertRequests(alerts);
        this.events = new EventStream(vertx, requests);
        this.metrics = new ControlMetrics(control, platform, assessments, events::clients, alerts::size);
        this.server = vertx.createHttpServer(new HttpServerOptions()
                .setHost(address.host())
                .setPort(address.port())
                .setIdleTimeout(IDLE_SECONDS)
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(true));
    }

    /**
     * Starts it; returns once it serves.
     *
     * @param token that writes and lease pulls need
     * @param assessments what this node sees of a region
     * @param alerts where notifications of Alertmanager go
     * @param previews says what a runbook would do
     * @param positions translates for clients that keep their positions elsewhere
     * @param tables says when versions of tables stood at their source
     * @throws ApiStartException if it cannot serve; then nothing of it is left
     */
    public static ApiServer start(
            HostPort address,
            BearerToken token,
            ControlPlane control,
            Platform platform,
            Function<String, RegionAssessment> assessments,
            AlertBoard alerts,
            RunbookPreview previews,
            ClientPositions positions,
            TableVersions tables,
            Clock clock)
            throws InterruptedException {
        ApiServer api = new ApiServer(
                address, token, control, platform, assessments, alerts, previews, positions, tables, clock);
        Future<HttpServer> listening = OpenAPIContract.from(api.vertx, ApiContract.forRouter())
                .map(api::router)
                .compose(router -> api.server.requestHandler(router).listen());
        try {
            listening.toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
            return api;
        } catch (ExecutionException | TimeoutException e) {
            api.vertx.close();
            throw new ApiStartException(
                    e.getCause() instanceof BindException
                            ? "the API cannot listen on " + address + ": the address is in use or not of this machine"
                            : "the API does not start on " + address,
                    e);
        }
    }

    private Router router(OpenAPIContract contract) {
        RouterBuilder builder = RouterBuilder.create(vertx, contract, RequestExtractor.withBodyHandler());
        builder.rootHandler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES));
        builder.getRoutes().forEach(route -> route.setDoSecurity(false));
        get(builder, "status", context -> requests.status());
        get(builder, "operations", context -> requests.operations());
        get(builder, "operation", context -> requests.operation(context.pathParam("id")));
        get(builder, "drill", context -> requests.drill(context.pathParam("id")));
        get(builder, "regionSignals", context -> requests.signals(context.pathParam("region")));
        builder.getRoute("explanation")
                .addHandler(context -> reply(context, 200, requests.explanation(context.pathParam("region"))));
        get(builder, "route", context -> requests.route(context.pathParam("group")));
        builder.getRoute("tableVersions")
                .addHandler(context -> reply(
                        context,
                        200,
                        requests.tableVersions(
                                context.pathParam("group"),
                                context.pathParam("table"),
                                context.queryParams().get("asOf"))));
        post(builder, "requestOperation", 202, (context, body) -> requests.requestOperation(body));
        post(builder, "requestDrill", 201, (context, body) -> requests.requestDrill(body));
        post(builder, "recordDrill", 201, (context, body) -> requests.recordDrill(body));
        post(
                builder,
                "translatePositions",
                200,
                (context, body) -> requests.translatePositions(context.pathParam("group"), body));
        post(builder, "pullLease", 200, (context, body) -> requests.pullLease(context.pathParam("region"), body));
        post(builder, "changeFreeze", 200, (context, body) -> persons.freeze(body));
        post(builder, "acknowledgeCoolDown", 200, (context, body) -> persons.acknowledge(body));
        post(builder, "approve", 200, (context, body) -> persons.approve(context.pathParam("id"), body));
        post(builder, "transferLead", 200, (context, body) -> nodes.transferLead(body));
        post(builder, "changeNodes", 200, (context, body) -> nodes.changeNodes(body));
        post(builder, "dryRun", 200, (context, body) -> dryRuns.run(body));
        post(builder, "takeAlerts", 200, (context, body) -> alerts.take(body));
        Router router = Router.router(vertx);
        router.route("/v1/*").handler(context -> admit(context, contract));
        router.get("/v1/events").handler(events::open);
        router.get("/metrics").handler(this::scrape);
        text(router, "/openapi.yaml", "application/yaml", ApiContract::text);
        String page = ApiContract.Resources.text("/io/breakwater/controller/api/page.html");
        text(router, "/", "text/html; charset=utf-8", () -> page);
        router.route("/*").subRouter(builder.createRouter());
        ProblemHandler problems = new ProblemHandler();
        ROUTING_FAILURES.forEach(status -> router.errorHandler(status, problems));
        return router;
    }

    /** Before anything of the request is read: the token where the contract asks for one, and the kind of body. */
    private void admit(RoutingContext context, OpenAPIContract contract) {
        Operation operation = contract.findOperation(
                context.normalizedPath(), context.request().method());
        if (operation != null) {
            if (!operation.getSecurityRequirements().isEmpty()
                    && !token.isIn(context.request().getHeader("Authorization"))) {
                throw new ProblemException(
                        Problem.of(Problem.Kind.UNAUTHENTICATED, "the header Authorization needs the bearer token"));
            }
            String type = context.request().getHeader("Content-Type");
            if (operation.getRequestBody() != null && (type == null || !type.startsWith(JSON))) {
                throw new ProblemException(
                        Problem.of(Problem.Kind.UNSUPPORTED_MEDIA_TYPE, "the header Content-Type has to be " + JSON));
            }
        }
        context.next();
    }

    private static void get(RouterBuilder builder, String operation, Function<RoutingContext, ObjectNode> answer) {
        builder.getRoute(operation).addHandler(context -> answer(context, 200, answer.apply(context)));
    }

    /** What answers a request with a body. */
    @FunctionalInterface
    private interface BodyRequest {
        CompletionStage<ObjectNode> answer(RoutingContext context, JsonObject body);
    }

    private void post(RouterBuilder builder, String operation, int status, BodyRequest request) {
        OpenAPIRoute route = builder.getRoute(operation);
        route.addHandler(context ->
                reply(context, status, request.answer(context, context.body().asJsonObject())));
    }

    private void reply(RoutingContext context, int status, CompletionStage<ObjectNode> json) {
        Future.fromCompletionStage(json, vertx.getOrCreateContext())
                .onSuccess(answer -> answer(context, status, answer))
                .onFailure(context::fail);
    }

    private static void answer(RoutingContext context, int status, ObjectNode json) {
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", JSON)
                .putHeader("Cache-Control", "no-store")
                .end(json.toString());
    }

    private void scrape(RoutingContext context) {
        String accept = context.request().getHeader("Accept");
        vertx.executeBlocking(() -> metrics.scrape(accept), false)
                .onSuccess(scrape -> context.response()
                        .putHeader("Content-Type", scrape.contentType())
                        .end(scrape.body()))
                .onFailure(context::fail);
    }

    private static void text(Router router, String path, String type, Supplier<String> text) {
        router.get(path)
                .handler(context -> context.response()
                        .putHeader("Content-Type", type)
                        .putHeader("Content-Security-Policy", PAGE_POLICY)
                        .putHeader("Cache-Control", "no-cache")
                        .end(text.get()));
    }

    /** Answers what has begun, then ends; waits a few seconds at most. */
    @Override
    public void close() {
        try {
            await(server.shutdown(DRAIN_SECONDS, TimeUnit.SECONDS));
            await(vertx.close());
            requests.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the API did not end in " + 2 * DRAIN_SECONDS + " s", e);
        }
    }

    private static void await(Future<Void> end) throws InterruptedException, ExecutionException, TimeoutException {
        end.toCompletionStage().toCompletableFuture().get(2 * DRAIN_SECONDS, TimeUnit.SECONDS);
    }
}
