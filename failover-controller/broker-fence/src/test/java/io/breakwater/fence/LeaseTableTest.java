package io.breakwater.fence;

import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.fence.LeaseDecision.Closed;
import io.breakwater.fence.LeaseDecision.NotGoverned;
import io.breakwater.fence.LeaseDecision.Open;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;

class LeaseTableTest {

    private static final String APP = "User:app";
    private static final String PIPELINE = "User:pipeline";
    private static final String MIRROR = "User:mirror";
    /** Near the overflow: nanoTime may begin anywhere. */
    private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(3);

    private final LeaseTable table = new LeaseTable(Set.of(MIRROR));

    @Test
    void refusesEverythingGovernedBeforeTheFirstAnswer() {
        assertThat(decide(APP, TOPIC, "flights.events", WRITE, START)).isInstanceOf(Closed.class);
        assertThat(decide(APP, TOPIC, "elsewhere", WRITE, START)).isInstanceOf(Closed.class);
        assertThat(decide(APP, GROUP, "elsewhere", READ, START)).isInstanceOf(Closed.class);
        assertThat(decide(APP, TRANSACTIONAL_ID, "t", WRITE, START)).isInstanceOf(Closed.class);
    }

    @Test
    void neverGovernsReading() {
        assertThat(decide(APP, TOPIC, "flights.events", READ, START)).isInstanceOf(NotGoverned.class);
        assertThat(decide(APP, GROUP, "flights-processor", DESCRIBE, START)).isInstanceOf(NotGoverned.class);
        assertThat(decide(APP, TRANSACTIONAL_ID, "t", DESCRIBE, START)).isInstanceOf(NotGoverned.class);
    }

    @Test
    void opensUnderALease() {
        table.accept(answer(1, true, true), START);

        assertThat(decide(APP, TOPIC, "flights.events", WRITE, after(0))).isInstanceOf(Open.class);
        assertThat(decide(APP, GROUP, "flights-processor", READ, after(5_999))).isInstanceOf(Open.class);
        assertThat(decide(APP, TRANSACTIONAL_ID, "any", WRITE, after(5_999))).isInstanceOf(Open.class);
    }

    @Test
    void closesWhenTheLeaseEndsCountedFromBeforeThePull() {
        table.accept(answer(1, true, true), START);

        assertThat(decide(APP, TOPIC, "flights.events", WRITE, after(6_000))).isInstanceOf(Closed.class);
        assertThat(decide(APP, GROUP, "flights-processor", READ, after(6_000))).isInstanceOf(Closed.class);
        assertThat(decide(APP, TRANSACTIONAL_ID, "any", WRITE, after(6_000)))
                .isEqualTo(new Closed("the lease of group flights, epoch 1, expired 0 ms ago"));
    }

    @Test
    void anAnswerSlowerThanTheLeaseOpensNothing() {
        table.accept(answer(1, true, true), START);

        assertThat(table.openings(after(7_000))).isEmpty();
    }

    @Test
    void ignoresAnOlderEpoch() {
        table.accept(answer(4, false, false), START);
        table.accept(answer(3, true, true), after(1_000));

        assertThat(decide(APP, TOPIC, "flights.events", WRITE, after(1_001)))
                .isEqualTo(new Closed("group flights, epoch 4, is not open for ingress in this region"));
    }

    @Test
    void aHigherEpochClosesAtOnce() {
        table.accept(answer(3, true, true), START);
        table.accept(answer(4, false, false), after(1_000));

        assertThat(decide(APP, TOPIC, "flights.events", WRITE, after(1_001))).isInstanceOf(Closed.class);
    }

    @Test
    void letsOnlyThePipelineInWhileOnlyThatIsOpen() {
        table.accept(answer(2, false, true), START);

        assertThat(decide(PIPELINE, TOPIC, "flights.delays", WRITE, after(1))).isInstanceOf(Open.class);
        assertThat(decide(PIPELINE, TRANSACTIONAL_ID, "t", WRITE, after(1))).isInstanceOf(Open.class);
        assertThat(decide(PIPELINE, GROUP, "flights-job", READ, after(1))).isInstanceOf(Open.class);
        assertThat(decide(APP, TOPIC, "flights.events", WRITE, after(1))).isInstanceOf(Closed.class);
        assertThat(decide(APP, TRANSACTIONAL_ID, "t", WRITE, after(1))).isInstanceOf(Closed.class);
        assertThat(decide(APP, GROUP, "flights-processor", READ, after(1))).isInstanceOf(Closed.class);
    }

    @Test
    void keepsThePipelineOutWhileOnlyIngressIsOpen() {
        table.accept(answer(2, true, false), START);

        assertThat(decide(PIPELINE, TOPIC, "flights.delays", WRITE, after(1))).isInstanceOf(Closed.class);
        assertThat(decide(APP, TOPIC, "flights.events", WRITE, after(1))).isInstanceOf(Open.class);
    }

    @Test
    void leavesExemptPrincipalsToTheAcls() {
        assertThat(decide(MIRROR, TOPIC, "flights.events", WRITE, START)).isInstanceOf(NotGoverned.class);
        assertThat(decide("User:mirror2", TOPIC, "flights.events", WRITE, START))
                .isInstanceOf(Closed.class);
    }

    @Test
    void afterAnAnswerGovernsOnlyWhatAPatternMatchesWhole() {
        table.accept(answer(1, false, false), START);

        assertThat(decide(APP, TOPIC, "breakwater.receipts", WRITE, after(1))).isInstanceOf(NotGoverned.class);
        assertThat(decide(APP, TOPIC, "old-flights.events", WRITE, after(1))).isInstanceOf(NotGoverned.class);
        assertThat(decide(APP, GROUP, "billing", READ, after(1))).isInstanceOf(NotGoverned.class);
        assertThat(decide(APP, TOPIC, "flights.events", WRITE, after(1))).isInstanceOf(Closed.class);
    }

    @Test
    void aTopicOfTwoGroupsNeedsBoth() {
        table.accept(
                new LeaseAnswer(
                        "east",
                        List.of(group("all", ".*", 1, false, false), group("flights", "flights.*", 1, true, true))),
                START);

        assertThat(decide(APP, TOPIC, "flights.events", WRITE, after(1))).isInstanceOf(Closed.class);
        assertThat(decide(APP, TRANSACTIONAL_ID, "t", WRITE, after(1))).isInstanceOf(Open.class);
    }

    @Test
    void aGroupThatIsNoLongerNamedClosesWhenItsLeaseEnds() {
        table.accept(answer(1, true, true), START);
        table.accept(new LeaseAnswer("east", List.of()), after(1_000));

        assertThat(decide(APP, TOPIC, "flights.events", WRITE, after(1_001))).isInstanceOf(Open.class);
        assertThat(decide(APP, TOPIC, "flights.events", WRITE, after(6_000))).isInstanceOf(Closed.class);
    }

    @Test
    void saysWhatIsOpen() {
        table.accept(answer(7, false, true), START);

        assertThat(table.openings(after(1)))
                .extracting(Object::toString)
                .containsExactly("group=flights class=pipeline epoch=7");
        assertThat(table.openings(after(6_000))).isEmpty();
    }

    private LeaseDecision decide(String principal, ResourceType type, String name, AclOperation operation, long now) {
        return table.decide(principal, type, name, operation, now);
    }

    private static LeaseAnswer answer(long epoch, boolean ingress, boolean pipeline) {
        return new LeaseAnswer("east", List.of(group("flights", "flights\\..*", epoch, ingress, pipeline)));
    }

    private static LeaseAnswer.Group group(String name, String topics, long epoch, boolean ingress, boolean pipeline) {
        return new LeaseAnswer.Group(
                name,
                ingress || pipeline,
                epoch,
                ingress,
                pipeline,
                6_000,
                List.of(topics),
                List.of("flights-.*"),
                List.of(PIPELINE));
    }

    private static long after(long millis) {
        return START + TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
