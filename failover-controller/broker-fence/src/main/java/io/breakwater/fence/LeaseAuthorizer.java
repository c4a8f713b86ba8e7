package io.breakwater.fence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's {@link StandardAuthorizer}, and besides it the lease: ordinary principals write, end transactions and commit
 * positions only while this region holds a lease of the current epoch ({@link LeaseTable} says which operations). Both
 * must allow. Closed by default: after a start, until a controller has answered, everything governed is refused.
 *
 * <p>Installed by {@code authorizer.class.name} with the properties of {@link FenceSettings}. Kafka creates one
 * instance for each role of the process; only the broker's pulls leases, because a KRaft controller is never asked
 * anything that the lease governs.
 *
 * <p>Limits: a request that was allowed just before the lease ended is still appended, so the controllers wait a margin
 * longer; {@link System#nanoTime()} stands still while a virtual machine is suspended, so brokers must not be.
 *
 * <p>Threads: {@link #authorize} by any; never waits.
 */
public final class LeaseAuthorizer extends StandardAuthorizer {

    private static final Logger LOG = LoggerFactory.getLogger(LeaseAuthorizer.class);
    private static final String CONTROLLER_LISTENERS = "controller.listener.names";

    private @Nullable FenceSettings settings;
    private @Nullable LeaseTable table;
    private @Nullable LeasePuller puller;
    private Set<String> controllerListeners = Set.of();

    /** @throws org.apache.kafka.common.config.ConfigException if a property of the fence is missing or wrong */
    @Override
    public void configure(Map<String, ?> properties) {
        super.configure(properties);
        FenceSettings read = FenceSettings.from(properties);
        settings = read;
        table = new LeaseTable(read.exempt());
        Object listeners = properties.get(CONTROLLER_LISTENERS);
        controllerListeners = listeners == null
                ? Set.of()
                : Arrays.stream(listeners.toString().split(","))
                        .map(String::strip)
                        .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Map<Endpoint, ? extends CompletionStage<Void>> start(AuthorizerServerInfo server) {
        if (settings == null || table == null) {
            throw new IllegalStateException("LeaseAuthorizer: start before configure");
        }
        boolean broker = server.endpoints().stream().anyMatch(e -> !controllerListeners.contains(e.listener()));
        if (broker) {
            LOG.info("closed until a controller answers: region={} broker={}", settings.region(), settings.broker());
            puller = new LeasePuller(settings, table);
            puller.start();
        }
        return super.start(server);
    }

    @Override
    public List<AuthorizationResult> authorize(AuthorizableRequestContext context, List<Action> actions) {
        List<AuthorizationResult> results = super.authorize(context, actions);
        if (actions.stream()
                .noneMatch(a -> LeaseTable.isGoverned(a.resourcePattern().resourceType(), a.operation()))) {
            return results;
        }
        long now = System.nanoTime();
        String principal = context.principal().getPrincipalType() + ":"
                + context.principal().getName();
        List<AuthorizationResult> both = new ArrayList<>(results.size());
        for (int i = 0; i < results.size(); i++) {
            both.add(
                    results.get(i) == AuthorizationResult.ALLOWED
                            ? underLease(principal, actions.get(i), now)
                            : AuthorizationResult.DENIED);
        }
        return both;
    }

    private AuthorizationResult underLease(String principal, Action action, long now) {
        if (table == null) {
            return AuthorizationResult.DENIED;
        }
        ResourcePattern resource = action.resourcePattern();
        LeaseDecision decision =
                table.decide(principal, resource.resourceType(), resource.name(), action.operation(), now);
        if (decision instanceof LeaseDecision.Closed closed) {
            LOG.debug("refused: principal={} {} {}: {}", principal, action.operation(), resource, closed.reason());
            return AuthorizationResult.DENIED;
        }
        return AuthorizationResult.ALLOWED;
    }

    @Override
    public void close() throws IOException {
        if (puller != null) {
            puller.close();
        }
        super.close();
    }
}
