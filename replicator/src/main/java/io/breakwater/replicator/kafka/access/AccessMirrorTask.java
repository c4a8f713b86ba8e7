package io.breakwater.replicator.kafka.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Json;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.Region;
import io.breakwater.region.KafkaSettings;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.kafka.access.UserPlan.Login;
import io.breakwater.replicator.receipts.ReceiptRecords;
import io.breakwater.replicator.receipts.ReceiptTask;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The task of {@link AccessMirrorConnector}. What it is about to make is written down, as the memory of a report,
 * before it is made: after a crash in between it still knows what is its own to delete. A standby that is fenced against its
 * flow is being promoted: nothing is changed there any more.
 */
public final class AccessMirrorTask extends ReceiptTask {

    /** What its reports are receipts of. */
    static final AssetId REPORTER = new AssetId(AccessMirrorConnector.KIND, "access");

    private static final Logger LOG = LoggerFactory.getLogger(AccessMirrorTask.class);
    private static final Duration EVERY = Duration.ofSeconds(5);

    private @Nullable Parts parts;
    private @Nullable Memory memory;
    private Instant last = Instant.EPOCH;

    private record Parts(
            AccessAsset asset,
            String from,
            String to,
            Set<String> mirrorPrincipals,
            String targetsMirror,
            ClusterAccess source,
            ClusterAccess target) {}

    private record Memory(Set<AclRule> acls, Set<QuotaRule> quotas, Set<Login> users) {
        static final Memory NONE = new Memory(Set.of(), Set.of(), Set.of());
    }

    @Override
    protected void open(FlowConfig config) {
        parts = new Parts(
                AccessAsset.of(config.groupName(), config.group()).orElseThrow(),
                config.flow().from(),
                config.flow().to(),
                config.platform().regions().values().stream()
                        .map(Region::kafka)
                        .map(Region.KafkaCluster::mirrorPrincipal)
                        .collect(Collectors.toSet()),
                config.to().kafka().mirrorPrincipal(),
                new ClusterAccess(
                        config.flow().from(), KafkaSettings.mirror(config.from().kafka())),
                new ClusterAccess(
                        config.flow().to(), KafkaSettings.mirror(config.to().kafka())));
    }

    @Override
    protected List<SourceRecord> turn(ReceiptRecords receipts, Instant now) throws InterruptedException {
        if (parts == null || now.isBefore(last.plus(EVERY))) {
            return List.of();
        }
        last = now;
        if (isFenced(parts)) {
            return List.of();
        }
        Memory before = memory;
        if (before == null) {
            before = receipts.remembered(REPORTER, context.offsetStorageReader())
                    .map(AccessMirrorTask::recalled)
                    .orElse(Memory.NONE);
        }
        List<Alarm> alarms = new ArrayList<>();
        Memory next = new Memory(
                acls(parts, before.acls(), alarms),
                quotas(parts, before.quotas(), alarms),
                users(parts, before.users(), alarms));
        memory = next;
        return List.of(receipts.report(REPORTER, MirrorHealth.of(alarms), text(next), now));
    }

    private static boolean isFenced(Parts with) throws InterruptedException {
        try {
            return AclPlan.isRaised(with.target().acls(), with.targetsMirror());
        } catch (SecurityDisabledException | AuthorizationException e) {
            // Without rules there is no fence of rules; and who may not see them may not change them.
            return false;
        }
    }

    private static Set<AclRule> acls(Parts with, Set<AclRule> written, List<Alarm> alarms) throws InterruptedException {
        if (!with.asset().acls()) {
            return written;
        }
        Set<AclRule> next = written;
        try {
            AclPlan plan = AclPlan.of(with.source().acls(), with.target().acls(), written, with.mirrorPrincipals());
            next = both(written, plan.copied());
            Set<AclRule> create = new HashSet<>(plan.create());
            create.retainAll(written);
            with.target().createAcls(create);
            with.target().deleteAcls(plan.delete());
            log(with, "ACLs", create.size(), plan.delete().size());
            return plan.copied();
        } catch (KafkaException e) {
            alarms.add(failed(with, "ACLs", "acls", e));
            return next;
        }
    }

    private static Set<QuotaRule> quotas(Parts with, Set<QuotaRule> written, List<Alarm> alarms)
            throws InterruptedException {
        if (!with.asset().quotas()) {
            return written;
        }
        Set<QuotaRule> next = written;
        try {
            QuotaPlan plan = QuotaPlan.of(with.source().quotas(), with.target().quotas(), written);
            next = both(written, plan.copied());
            SortedMap<QuotaRule, Optional<Double>> changes = new TreeMap<>(plan.changes());
            changes.keySet().retainAll(written);
            with.target().changeQuotas(changes);
            log(with, "client quotas", changes.size(), 0);
            return plan.copied();
        } catch (KafkaException e) {
            alarms.add(failed(with, "client quotas", "quotas", e));
            return next;
        }
    }

    private static Set<Login> users(Parts with, Set<Login> written, List<Alarm> alarms) throws InterruptedException {
        if (!with.asset().users()) {
            return written;
        }
        Set<Login> next = written;
        try {
            Map<String, String> passwords = passwords(with, alarms);
            UserPlan plan = UserPlan.of(with.source().users(), with.target().users(), passwords.keySet(), written);
            next = both(written, plan.copied());
            SortedMap<Login, Integer> make = new TreeMap<>(plan.make());
            make.keySet().retainAll(written);
            with.target().changeUsers(make, passwords, plan.delete());
            log(with, "SCRAM users", make.size(), plan.delete().size());
            if (!plan.unknown().isEmpty()) {
                alarms.add(lacking(with, plan.unknown().keySet()));
            }
            return plan.copied();
        } catch (KafkaException e) {
            alarms.add(failed(with, "SCRAM users", "users", e));
            return next;
        }
    }

    private static Map<String, String> passwords(Parts with, List<Alarm> alarms) {
        Map<String, String> passwords = new TreeMap<>();
        Optional<Path> file = with.asset().passwords();
        if (file.isPresent()) {
            Properties lines = new Properties();
            try (Reader reader = Files.newBufferedReader(file.get(), StandardCharsets.UTF_8)) {
                lines.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                alarms.add(new Alarm(
                        "passwords",
                        file.get().toString(),
                        "the passwords of SCRAM users cannot be read from " + file.get() + " on the worker of "
                                + with.to() + ": " + e + "; make it a properties file with lines user=password",
                        false));
            }
            lines.stringPropertyNames().forEach(user -> passwords.put(user, lines.getProperty(user)));
        }
        return passwords;
    }

    private static Alarm lacking(Parts with, Set<Login> logins) {
        return new Alarm(
                "users",
                with.to(),
                with.to() + " lacks SCRAM credentials that " + with.from() + " has, or has them with other iterations: "
                        + logins.stream()
                                .map(login -> login.user() + " (" + login.mechanism() + ")")
                                .collect(Collectors.joining(", "))
                        + "; Kafka does not give them away: make them on " + with.to()
                        + ", or name a file with these users' passwords under 'passwords' of the kafka-access asset",
                true);
    }

    private static Alarm failed(Parts with, String what, String setting, KafkaException e) {
        if (e instanceof InterruptException interrupted) {
            throw interrupted;
        }
        String place = what + " of " + with.from() + " on " + with.to() + ": ";
        if (e instanceof SecurityDisabledException) {
            return new Alarm(
                    "no-authorizer",
                    with.from() + "-" + with.to(),
                    place + e.getMessage() + "; there is nothing to copy or nowhere to put it: set"
                            + " authorizer.class.name on its brokers, or '" + setting
                            + ": false' for the kafka-access asset",
                    true);
        }
        if (e instanceof AuthorizationException) {
            return new Alarm(
                    "no-permission",
                    what,
                    place + e.getMessage() + "; allow the flow's principal DESCRIBE and DESCRIBE_CONFIGS on the"
                            + " cluster resource of " + with.from() + ", and also ALTER and ALTER_CONFIGS on that of "
                            + with.to(),
                    true);
        }
        return new Alarm("no-answer", what, place + e.getMessage() + "; it is tried again every " + EVERY, false);
    }

    private static void log(Parts with, String what, int set, int deleted) {
        if (set + deleted > 0) {
            LOG.info("{} of {} on {}: {} set, {} deleted", what, with.from(), with.to(), set, deleted);
        }
    }

    private static <T> Set<T> both(Set<T> one, Set<T> other) {
        Set<T> both = new HashSet<>(one);
        both.addAll(other);
        return both;
    }

    private static Memory recalled(String text) {
        try {
            return Json.MAPPER.readValue(text, Memory.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("what the last task copied cannot be read: " + text, e);
        }
    }

    private static String text(Memory memory) {
        try {
            return Json.MAPPER.writeValueAsString(memory);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was copied cannot be written as JSON", e);
        }
    }

    @Override
    public void stop() {
        if (parts != null) {
            parts.source().close();
            parts.target().close();
        }
    }
}
