package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.Flow;
import io.breakwater.region.KafkaAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Whether the flow could be fenced on the standby: a cluster without an authorizer can deny it nothing, and a failover
 * would end there. For one thread; time is a parameter.
 */
final class StandbyFence {

    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final AclBindingFilter FEW = new AclBindingFilter(
            new ResourcePatternFilter(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL),
            AccessControlEntryFilter.ANY);

    private final Admin standby;
    private final Flow flow;
    private Instant askedAt = Instant.EPOCH;
    private Optional<Alarm> last = Optional.empty();

    /** @param standby stays the caller's to close */
    StandbyFence(Admin standby, Flow flow) {
        this.standby = standby;
        this.flow = flow;
    }

    /**
     * Asks once a minute; in between, the last answer counts.
     *
     * @throws org.apache.kafka.common.KafkaException if the cluster does not answer
     */
    List<Alarm> look(Instant now) throws InterruptedException {
        if (!now.isBefore(askedAt.plus(EVERY))) {
            last = ask();
            askedAt = now;
        }
        return last.stream().toList();
    }

    private Optional<Alarm> ask() throws InterruptedException {
        try {
            KafkaAnswer.await(standby.describeAcls(FEW).values(), "ask " + flow.to() + " for its authorizer");
            return Optional.empty();
        } catch (AuthorizationException e) {
            return Optional.empty(); // somebody refused, so there is one
        } catch (SecurityDisabledException e) {
            return Optional.of(new Alarm(
                    "no-fence",
                    flow.to(),
                    "the Kafka cluster of region " + flow.to() + " has no authorizer, so the mirror of " + flow
                            + " could not be fenced on it, and a failover would end there before it promotes anything:"
                            + " set authorizer.class.name on its brokers",
                    true));
        }
    }
}
