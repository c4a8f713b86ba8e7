package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What makes the Kafka cluster of a region refuse writes. A further kind is a further record here, and its means are an
 * implementation of {@code io.breakwater.controller.fence.RegionFence}, chosen in {@code RegionFences}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = FenceSpec.BrokerPlugin.class, name = "broker-plugin"),
    @JsonSubTypes.Type(value = FenceSpec.Acls.class, name = "acls")
})
public sealed interface FenceSpec {

    /** The brokers hold a lease, and are closed without one: nobody has to reach them. What counts if nothing is said. */
    record BrokerPlugin() implements FenceSpec {}

    /**
     * The controllers make ACLs that deny writes: for clusters that take no plugin. A cluster that is not reached
     * cannot be closed so, therefore no automatic failover leaves it.
     *
     * @param probe Kafka client settings of an ordinary principal, with {@link Secret} references: its refusal by every
     *     broker proves that the brokers know the denials. It needs no rights; no superuser
     * @param probePrincipal the principal of {@code probe}, as {@code User:name}
     * @param exempt principals that are not closed out beside the flow's own, as {@code User:name}: Breakwater's and
     *     the Connect worker's
     */
    record Acls(
            @JsonSetter(contentNulls = Nulls.FAIL) Map<String, String> probe,
            String probePrincipal,

            @JsonSetter(nulls = Nulls.AS_EMPTY, contentNulls = Nulls.FAIL)
            List<String> exempt)
            implements FenceSpec {
        public Acls {
            probe = Map.copyOf(probe);
            exempt = List.copyOf(exempt);
            List<String> wrong = new ArrayList<>();
            List<String> all = new ArrayList<>(exempt);
            all.add(probePrincipal);
            all.stream()
                    .filter(principal -> !principal.matches("[^:*]+:[^*]+"))
                    .forEach(principal -> wrong.add("kafka.fence: principal '" + principal
                            + "'; one principal as User:name is needed, no '*'"));
            if (exempt.contains(probePrincipal)) {
                wrong.add("kafka.fence.exempt: has the probe's principal " + probePrincipal
                        + ", which has to be refused; take it out");
            }
            if (!wrong.isEmpty()) {
                throw new InvalidPlatformException(wrong);
            }
        }
    }
}
