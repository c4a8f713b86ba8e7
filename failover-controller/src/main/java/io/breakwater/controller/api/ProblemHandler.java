package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.json.schema.OutputUnit;
import io.vertx.openapi.validation.SchemaValidationException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns every failed request into a problem. Texts of exceptions go to the log only. */
final class ProblemHandler implements Handler<RoutingContext> {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemHandler.class);
    private static final int SERVER_ERROR = 500;
    private static final int MAX_ERRORS = 20;

    @Override
    public void handle(RoutingContext context) {
        if (context.response().headWritten()) {
            context.response().reset();
            return;
        }
        Problem problem = problem(context);
        if (!context.request().method().equals(HttpMethod.GET) && problem.status() < SERVER_ERROR) {
            LOG.info(
                    "refused: method={} path={} problem={} {}",
                    context.request().method(),
                    context.request().path(),
                    problem.kind(),
                    problem.detail());
        }
        ObjectNode body = problem.toJson(context.request().path());
        context.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", ApiContract.PROBLEM_TYPE)
                .putHeader("Cache-Control", "no-store");
        if (problem.kind() == Problem.Kind.UNAUTHENTICATED) {
            context.response().putHeader("WWW-Authenticate", "Bearer");
        }
        context.response().end(body.toString());
    }

    private static Problem problem(RoutingContext context) {
        Throwable failure = unwrapped(context.failure());
        if (failure instanceof ProblemException known) {
            return known.problem();
        }
        if (failure instanceof ControlRequests.UnavailableException) {
            LOG.warn(
                    "no answer through consensus: path={} cause={}",
                    context.request().path(),
                    String.valueOf(failure.getCause()));
            return Problem.of(
                    Problem.Kind.UNAVAILABLE,
                    "no majority of the controller nodes answered; ask again or another node");
        }
        int status = failure instanceof HttpException http ? http.getStatusCode() : context.statusCode();
        return switch (status) {
            case 400 ->
                new Problem(
                        Problem.Kind.INVALID_REQUEST,
                        "the request does not fit the contract",
                        errors(failure),
                        List.of());
            case 404 -> Problem.of(Problem.Kind.NOT_FOUND, "there is no such path");
            case 405 ->
                Problem.of(
                        Problem.Kind.METHOD_NOT_ALLOWED,
                        "the path has no method " + context.request().method());
            case 413 -> Problem.of(Problem.Kind.TOO_LARGE, "the body is too large");
            default -> internal(context, failure);
        };
    }

    private static Problem internal(RoutingContext context, @Nullable Throwable failure) {
        LOG.error(
                "request failed: method={} path={} status={}",
                context.request().method(),
                context.request().path(),
                SERVER_ERROR,
                failure);
        return Problem.of(Problem.Kind.INTERNAL, "the cause is in this node's log");
    }

    private static @Nullable Throwable unwrapped(@Nullable Throwable failure) {
        Throwable inner = failure;
        while (inner instanceof CompletionException && inner.getCause() != null) {
            inner = inner.getCause();
        }
        return inner;
    }

    private static List<Problem.Fault> errors(@Nullable Throwable failure) {
        Throwable cause = failure == null ? null : failure.getCause();
        if (!(cause instanceof SchemaValidationException invalid)
                || invalid.getOutputUnit() == null
                || invalid.getOutputUnit().getErrors() == null) {
            return List.of();
        }
        List<OutputUnit> units = invalid.getOutputUnit().getErrors();
        List<Problem.Fault> errors = new ArrayList<>();
        for (OutputUnit unit : units) {
            boolean parent = units.stream().anyMatch(other -> other != unit && isBelow(other, unit));
            if (!parent && errors.size() < MAX_ERRORS) {
                errors.add(new Problem.Fault(pointer(unit), unit.getError()));
            }
        }
        return errors;
    }

    /** A parent's error only says that something below it is wrong. */
    private static boolean isBelow(OutputUnit unit, OutputUnit parent) {
        return unit.getKeywordLocation().startsWith(parent.getKeywordLocation() + "/");
    }

    private static String pointer(OutputUnit unit) {
        String location = unit.getInstanceLocation();
        return location == null ? "" : location.replaceFirst("^#", "");
    }
}
