package io.breakwater.controller.routing;

import io.breakwater.platform.RouteSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.Route53ClientBuilder;
import software.amazon.awssdk.services.route53.model.Change;
import software.amazon.awssdk.services.route53.model.ChangeAction;
import software.amazon.awssdk.services.route53.model.ChangeStatus;
import software.amazon.awssdk.services.route53.model.RRType;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;
import software.amazon.awssdk.services.route53.model.Route53Exception;

/**
 * A record set of Amazon Route 53. The record and a TXT record with the epoch change in one batch, which Route 53 does
 * whole or not at all; then it waits until the change is INSYNC on all of its name servers, and reads both back. A
 * newer epoch in the TXT record is left alone.
 */
public final class Route53Target implements RouteTarget, AutoCloseable {

    private static final String EPOCH_LABEL = "_breakwater.";
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    private static final int LOOKS = 40;

    private final RouteSpec.Route53 spec;
    private final Route53Client client;

    /** @param timeout of one call to Route 53 */
    public Route53Target(RouteSpec.Route53 spec, Duration timeout) {
        this.spec = spec;
        Route53ClientBuilder builder = Route53Client.builder()
                .region(Region.AWS_GLOBAL)
                .httpClientBuilder(
                        Apache5HttpClient.builder().connectionTimeout(timeout).socketTimeout(timeout))
                .overrideConfiguration(config -> config.apiCallTimeout(timeout));
        spec.endpoint().ifPresent(builder::endpointOverride);
        this.client = builder.build();
    }

    @Override
    public String id() {
        return "route53";
    }

    @Override
    public Outcome point(Route route) throws InterruptedException {
        try {
            long epoch = epoch();
            if (epoch > route.epoch().number()) {
                return new Outcome.NotPointed(
                        spec.name() + " has a route of epoch " + epoch + ", newer than " + route.epoch());
            }
            Set<String> wanted = new TreeSet<>(spec.values().getOrDefault(route.region(), List.of()));
            if (epoch == route.epoch().number()
                    && values(spec.name(), spec.type()).equals(wanted)) {
                return pointed(wanted);
            }
            Optional<String> late = change(route, wanted);
            if (late.isPresent()) {
                return new Outcome.NotPointed(late.get());
            }
            Set<String> has = values(spec.name(), spec.type());
            return has.equals(wanted) && epoch() == route.epoch().number()
                    ? pointed(wanted)
                    : new Outcome.NotPointed(spec.name() + " has " + has + " after the change, not " + wanted);
        } catch (Route53Exception e) {
            return new Outcome.NotPointed("Route 53 refuses with HTTP " + e.statusCode() + " "
                    + Optional.ofNullable(e.awsErrorDetails())
                            .map(details -> details.errorCode())
                            .orElse("") + ": check zone " + spec.zone() + " and the rights of this node");
        } catch (SdkException e) {
            return new Outcome.NotPointed("Route 53 does not answer, or this node has no credentials for it");
        }
    }

    private Outcome pointed(Set<String> values) {
        return new Outcome.Pointed(spec.name() + " " + spec.type() + " is " + values + ", seen on all name servers");
    }

    /** Why the change has not come through; empty if it has. */
    private Optional<String> change(Route route, Set<String> wanted) throws InterruptedException {
        List<Change> changes = List.of(
                upsert(spec.name(), RRType.fromValue(spec.type()), wanted),
                upsert(EPOCH_LABEL + spec.name(), RRType.TXT, Set.of("\"epoch=" + route.epoch() + "\"")));
        String id = client.changeResourceRecordSets(request -> request.hostedZoneId(spec.zone())
                        .changeBatch(batch -> batch.comment("Breakwater " + route.group() + " epoch " + route.epoch())
                                .changes(changes)))
                .changeInfo()
                .id();
        for (int look = 0; look < LOOKS; look++) {
            if (client.getChange(request -> request.id(id)).changeInfo().status() == ChangeStatus.INSYNC) {
                return Optional.empty();
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY.toMillis());
        }
        return Optional.of("change " + id + " is not on all name servers after "
                + LOOK_EVERY.multipliedBy(LOOKS).toSeconds() + " s");
    }

    private Change upsert(String name, RRType type, Set<String> values) {
        List<ResourceRecord> records = values.stream()
                .map(value -> ResourceRecord.builder().value(value).build())
                .toList();
        return Change.builder()
                .action(ChangeAction.UPSERT)
                .resourceRecordSet(ResourceRecordSet.builder()
                        .name(name)
                        .type(type)
                        .ttl((long) spec.ttl())
                        .resourceRecords(records)
                        .build())
                .build();
    }

    /** Empty if there is no such record set. */
    private Set<String> values(String name, String type) {
        return client
                .listResourceRecordSets(request -> request.hostedZoneId(spec.zone())
                        .startRecordName(name)
                        .startRecordType(type)
                        .maxItems("1"))
                .resourceRecordSets()
                .stream()
                .filter(set -> set.name().equals(name) && set.typeAsString().equals(type))
                .flatMap(set -> set.resourceRecords().stream())
                .map(ResourceRecord::value)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** 0 if there is none yet. */
    private long epoch() {
        return values(EPOCH_LABEL + spec.name(), "TXT").stream()
                .filter(value -> value.matches("\"epoch=[0-9]{1,18}\""))
                .mapToLong(value -> Long.parseLong(value.replaceAll("[^0-9]", "")))
                .max()
                .orElse(0);
    }

    @Override
    public void close() {
        client.close();
    }
}
