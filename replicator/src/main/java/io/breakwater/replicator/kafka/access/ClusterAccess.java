package io.breakwater.replicator.kafka.access;

import io.breakwater.region.KafkaAnswer;
import io.breakwater.replicator.kafka.access.UserPlan.Login;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;

/**
 * The access rules of one cluster. Each method fails with a {@link KafkaException} of the type that Kafka gave, if the
 * cluster refuses or does not answer; the message says which cluster.
 */
final class ClusterAccess implements AutoCloseable {

    private final String region;
    private final Admin admin;

    /** @param region its name, for messages */
    ClusterAccess(String region, Map<String, Object> settings) {
        this.region = region;
        this.admin = Admin.create(settings);
    }

    Set<AclRule> acls() throws InterruptedException {
        return answer(admin.describeAcls(AclBindingFilter.ANY).values(), "list ACLs").stream()
                .map(AclRule::of)
                .collect(Collectors.toSet());
    }

    void createAcls(Collection<AclRule> rules) throws InterruptedException {
        if (!rules.isEmpty()) {
            answer(
                    admin.createAcls(rules.stream().map(AclRule::binding).toList())
                            .all(),
                    "create ACLs");
        }
    }

    void deleteAcls(Collection<AclRule> rules) throws InterruptedException {
        if (!rules.isEmpty()) {
            answer(
                    admin.deleteAcls(rules.stream()
                                    .map(rule -> rule.binding().toFilter())
                                    .toList())
                            .all(),
                    "delete ACLs");
        }
    }

    SortedMap<QuotaRule, Double> quotas() throws InterruptedException {
        SortedMap<QuotaRule, Double> quotas = new TreeMap<>();
        answer(admin.describeClientQuotas(ClientQuotaFilter.all()).entities(), "list client quotas")
                .forEach((entity, values) ->
                        values.forEach((key, value) -> quotas.put(QuotaRule.of(entity, key), value)));
        return quotas;
    }

    void changeQuotas(SortedMap<QuotaRule, Optional<Double>> changes) throws InterruptedException {
        if (changes.isEmpty()) {
            return;
        }
        Map<ClientQuotaEntity, List<ClientQuotaAlteration.Op>> byEntity = new HashMap<>();
        changes.forEach((rule, value) -> byEntity.computeIfAbsent(rule.kafkas(), entity -> new ArrayList<>())
                .add(new ClientQuotaAlteration.Op(rule.key(), value.orElse(null))));
        answer(
                admin.alterClientQuotas(byEntity.entrySet().stream()
                                .map(e -> new ClientQuotaAlteration(e.getKey(), e.getValue()))
                                .toList())
                        .all(),
                "change client quotas");
    }

    /** The iterations of each SCRAM login: all that Kafka tells of one. */
    SortedMap<Login, Integer> users() throws InterruptedException {
        SortedMap<Login, Integer> users = new TreeMap<>();
        answer(admin.describeUserScramCredentials().all(), "list SCRAM users")
                .forEach((user, description) -> description
                        .credentialInfos()
                        .forEach(info ->
                                users.put(new Login(user, info.mechanism().name()), info.iterations())));
        return users;
    }

    /** @param passwords of each of these users */
    void changeUsers(SortedMap<Login, Integer> make, Map<String, String> passwords, Set<Login> delete)
            throws InterruptedException {
        List<UserScramCredentialAlteration> changes = new ArrayList<>();
        make.forEach((login, iterations) -> changes.add(new UserScramCredentialUpsertion(
                login.user(),
                new ScramCredentialInfo(ScramMechanism.valueOf(login.mechanism()), iterations),
                Objects.requireNonNull(passwords.get(login.user())))));
        delete.forEach(login ->
                changes.add(new UserScramCredentialDeletion(login.user(), ScramMechanism.valueOf(login.mechanism()))));
        if (!changes.isEmpty()) {
            answer(admin.alterUserScramCredentials(changes).all(), "change SCRAM users");
        }
    }

    private <T> T answer(KafkaFuture<T> answer, String what) throws InterruptedException {
        try {
            return KafkaAnswer.await(answer, what + " of " + region);
        } catch (SecurityDisabledException e) {
            throw new SecurityDisabledException(
                    "the Kafka cluster of region " + region + " has no authorizer: " + e.getMessage(), e);
        } catch (AuthorizationException e) {
            throw new AuthorizationException(
                    "the Kafka cluster of region " + region + " refused to " + what + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
