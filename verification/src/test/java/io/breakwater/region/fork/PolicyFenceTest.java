package io.breakwater.region.fork;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.region.BucketPolicies;
import io.breakwater.region.ObjectUri;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PolicyFenceTest {

    private static final List<ObjectUri> TABLES =
            List.of(ObjectUri.parse("s3://lake/a"), ObjectUri.parse("s3://lake/b/c"));
    private static final List<String> OURS = List.of("arn:aws:iam::1:role/breakwater-*");
    private static final String OTHER =
            "{\"Version\":\"2012-10-17\",\"Statement\":{\"Sid\":\"Tls\",\"Effect\":\"Deny\","
                    + "\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}";

    private final Buckets buckets = new Buckets();
    private final PolicyFence fence = new PolicyFence(buckets, "flights");

    /** The policies in memory; what is not there has none, {@code old} is a store without policies. */
    private static final class Buckets implements BucketPolicies {
        private final TreeMap<String, String> policies = new TreeMap<>();
        private int puts;

        @Override
        public Found get(String bucket) {
            return bucket.equals("old")
                    ? new Found.Unsupported()
                    : new Found.Policy(Optional.ofNullable(policies.get(bucket)));
        }

        @Override
        public boolean put(String bucket, String json) {
            puts++;
            policies.put(bucket, json);
            return true;
        }

        @Override
        public void delete(String bucket) {
            policies.remove(bucket);
        }

        JsonNode statements(String bucket) throws Exception {
            return Json.MAPPER.readTree(policies.get(bucket)).path("Statement");
        }
    }

    @Test
    void deniesEverybodyElseToWriteBelowTheTables() throws Exception {
        assertThat(fence.raise(TABLES, OURS, new Epoch(2))).isEmpty();

        JsonNode statement = buckets.statements("lake").path(0);
        assertThat(statement.path("Sid").asText()).matches("BreakwaterFence[0-9a-f]{16}E2");
        assertThat(statement.path("Effect").asText()).isEqualTo("Deny");
        assertThat(statement.path("Resource").toString())
                .isEqualTo("[\"arn:aws:s3:::lake/a/*\",\"arn:aws:s3:::lake/b/c/*\"]");
        assertThat(statement.path("Condition").toString())
                .isEqualTo("{\"ArnNotLike\":{\"aws:PrincipalArn\":[\"arn:aws:iam::1:role/breakwater-*\"]}}");
    }

    @Test
    void standsBesideWhatIsThereAndOnlyItIsTakenBack() throws Exception {
        buckets.policies.put("lake", OTHER);
        PolicyFence others = new PolicyFence(buckets, "other");
        others.raise(TABLES, OURS, new Epoch(7));
        fence.raise(TABLES, OURS, new Epoch(2));
        assertThat(buckets.statements("lake")).hasSize(3);

        fence.lift(TABLES, new Epoch(3));

        assertThat(buckets.statements("lake")).hasSize(2);
        others.lift(TABLES, new Epoch(8));
        assertThat(buckets.statements("lake"))
                .singleElement()
                .isEqualTo(Json.MAPPER.readTree(OTHER).path("Statement"));
    }

    @Test
    void isRaisedOnceAnEpochAndReplacesThatOfAnOlderOne() throws Exception {
        fence.raise(TABLES, OURS, new Epoch(2));
        fence.raise(TABLES, OURS, new Epoch(2));
        assertThat(buckets.puts).isEqualTo(1);

        fence.raise(TABLES, OURS, new Epoch(4));

        assertThat(buckets.statements("lake"))
                .singleElement()
                .satisfies(
                        statement -> assertThat(statement.path("Sid").asText()).endsWith("E4"));
    }

    @Test
    void aLeaderOfAnOlderEpochLiftsNothing() throws Exception {
        fence.raise(TABLES, OURS, new Epoch(4));

        fence.lift(TABLES, new Epoch(4));

        assertThat(buckets.statements("lake")).hasSize(1);
    }

    @Test
    void thePolicyGoesWithItsLastStatement() {
        fence.raise(TABLES, OURS, new Epoch(2));

        fence.lift(TABLES, new Epoch(3));

        assertThat(buckets.policies).isEmpty();
    }

    @Test
    void aStoreWithoutPoliciesSaysSo() {
        assertThat(fence.raise(List.of(ObjectUri.parse("s3://old/a")), OURS, new Epoch(2)))
                .containsExactly("old");
        assertThat(buckets.puts).isZero();
    }
}
