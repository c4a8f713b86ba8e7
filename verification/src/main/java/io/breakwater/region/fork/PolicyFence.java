package io.breakwater.region.fork;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.Sha256;
import io.breakwater.region.BucketPolicies;
import io.breakwater.region.BucketPolicies.Found;
import io.breakwater.region.ObjectUri;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A statement in the policies of buckets that denies everybody but Breakwater itself to write below a group's tables
 * and prefixes. It stands beside whatever the policy says already, and only it is taken back. It holds writers too that do
 * not look at a table's protocol; but when it takes effect nobody can ask, so the fence in the log stays the table's end.
 * Source of the form: "IAM JSON policy element reference" of AWS.
 */
public final class PolicyFence {

    private static final String SID = "BreakwaterFence";
    private static final String VERSION = "2012-10-17";
    private static final int DIGITS = 16;

    private final BucketPolicies policies;
    private final String group;

    public PolicyFence(BucketPolicies policies, String group) {
        this.policies = policies;
        this.group = group;
    }

    /**
     * @param places roots of all the group's tables in the region, and its prefixes there
     * @param exempt ARNs that may write all the same; at least one
     * @return the buckets whose store has no policies
     * @throws io.breakwater.region.ObjectStoreException if the store fails or refuses
     */
    public List<String> raise(Collection<ObjectUri> places, List<String> exempt, Epoch epoch) {
        Map<String, List<ObjectUri>> byBucket =
                places.stream().collect(Collectors.groupingBy(ObjectUri::bucket, TreeMap::new, Collectors.toList()));
        List<String> without = new ArrayList<>();
        byBucket.forEach((bucket, roots) -> {
            boolean supported = policies.get(bucket) instanceof Found.Policy policy
                    && raise(bucket, policy.json(), statement(roots, exempt, epoch));
            if (!supported) {
                without.add(bucket);
            }
        });
        return without;
    }

    private boolean raise(String bucket, Optional<String> before, ObjectNode statement) {
        String next = with(before, statement);
        return Optional.of(next).equals(before) || policies.put(bucket, next);
    }

    /**
     * Takes the group's statements of epochs before this one back.
     *
     * @throws io.breakwater.region.ObjectStoreException if the store fails or refuses
     */
    public void lift(Collection<ObjectUri> places, Epoch epoch) {
        for (String bucket : places.stream().map(ObjectUri::bucket).collect(Collectors.toCollection(TreeSet::new))) {
            Optional<String> before =
                    policies.get(bucket) instanceof Found.Policy policy ? policy.json() : Optional.empty();
            if (before.isEmpty()) {
                continue;
            }
            ObjectNode after = parse(before.get());
            ArrayNode statements = withoutOurs(after, epoch);
            if (statements.isEmpty()) {
                policies.delete(bucket);
            } else if (statements.size() < statements(after).size()) {
                after.set("Statement", statements);
                policies.put(bucket, after.toString());
            }
        }
    }

    private String with(Optional<String> policy, ObjectNode statement) {
        ObjectNode json = policy.map(PolicyFence::parse)
                .orElseGet(() -> Json.MAPPER.createObjectNode().put("Version", VERSION));
        ArrayNode statements = withoutOurs(json, Optional.empty());
        statements.add(statement);
        json.set("Statement", statements);
        return json.toString();
    }

    private ObjectNode statement(List<ObjectUri> places, List<String> exempt, Epoch epoch) {
        // Of other partitions, such as aws-cn, resources are called by the same one as principals.
        String partition =
                exempt.get(0).split(":", -1).length > 1 ? exempt.get(0).split(":", -1)[1] : "aws";
        ObjectNode statement = Json.MAPPER.createObjectNode();
        statement.put("Sid", sid() + "E" + epoch);
        statement.put("Effect", "Deny");
        statement.put("Principal", "*");
        statement.putArray("Action").add("s3:PutObject").add("s3:DeleteObject");
        ArrayNode resources = statement.putArray("Resource");
        places.stream()
                .map(place -> "arn:" + partition + ":s3:::" + place.bucket() + "/"
                        + place.resolve("").key() + "*")
                .distinct()
                .sorted()
                .forEach(resources::add);
        ArrayNode principals =
                statement.putObject("Condition").putObject("ArnNotLike").putArray("aws:PrincipalArn");
        exempt.forEach(principals::add);
        return statement;
    }

    /** Letters and digits only, as AWS demands. */
    private String sid() {
        return SID
                + Sha256.of(group.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .substring(0, DIGITS);
    }

    private ArrayNode withoutOurs(ObjectNode policy, Epoch before) {
        return withoutOurs(policy, Optional.of(before));
    }

    /** @param before empty for all of ours */
    private ArrayNode withoutOurs(ObjectNode policy, Optional<Epoch> before) {
        ArrayNode others = Json.MAPPER.createArrayNode();
        for (JsonNode statement : statements(policy)) {
            String sid = statement.path("Sid").asText();
            boolean ours = sid.matches(sid() + "E\\d+")
                    && before.filter(epoch -> Long.parseLong(sid.substring(sid.lastIndexOf('E') + 1)) >= epoch.number())
                            .isEmpty();
            if (!ours) {
                others.add(statement);
            }
        }
        return others;
    }

    /** One statement may stand without an array. */
    private static ArrayNode statements(ObjectNode policy) {
        JsonNode statements = policy.path("Statement");
        if (statements instanceof ArrayNode array) {
            return array;
        }
        ArrayNode one = Json.MAPPER.createArrayNode();
        if (statements.isObject()) {
            one.add(statements);
        }
        return one;
    }

    private static ObjectNode parse(String policy) {
        try {
            if (Json.MAPPER.readTree(policy) instanceof ObjectNode json) {
                return json;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the bucket's policy is no JSON: " + e.getOriginalMessage(), e);
        }
        throw new IllegalStateException("the bucket's policy is no JSON object");
    }
}
