package io.breakwater.replicator.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.replicator.objects.PrefixAsset.Changed;
import io.breakwater.replicator.objects.PrefixAsset.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefixAssetTest {

    @TempDir
    private Path folder;

    private static AssetSpec spec(Map<String, String> more) {
        TreeMap<String, String> settings = new TreeMap<>(Map.of("name", "landing", "prefix", "s3://{raw}/landing/"));
        settings.putAll(more);
        return new AssetSpec(AssetSpec.S3_PREFIX, settings);
    }

    private Platform platform(String dialect, String... assets) throws IOException {
        return PlatformFile.load(Files.writeString(
                folder.resolve("platform.yaml"), """
                platform: p
                nodes:
                  - {id: east, region: east, raft: "127.0.0.1:1001", http: "127.0.0.1:1002"}
                regions:
                  east: &site
                    kafka: {bootstrap: "127.0.0.1:1", mirrorPrincipal: "User:mirror"}
                    connect: {url: "http://127.0.0.1:2"}
                    objectStore: {region: us-east-1, buckets: {raw: raw, lake: raw}%s}
                    flink: {url: "http://127.0.0.1:4"}
                  west: *site
                groups:
                  g:
                    home: east
                    standby: west
                    objectives: {rto: PT15M, rpo: PT5M}
                    assets:
                      - %s
                """.formatted(dialect, String.join("\n      - ", assets))));
    }

    @Test
    void itsSettingsAreReadAndTheOthersAreTheCarefulOnes() {
        assertThat(PrefixAsset.of(spec(Map.of())))
                .isEqualTo(new PrefixAsset(
                        "landing",
                        "s3://{raw}/landing/",
                        Duration.ofSeconds(10),
                        Changed.REFUSE,
                        Keys.ANY,
                        Duration.ofHours(1)));
        assertThat(PrefixAsset.of(spec(Map.of("changed", "keep", "keys", "ascending", "every", "PT1M"))))
                .returns(Changed.KEEP, PrefixAsset::changed)
                .returns(Keys.ASCENDING, PrefixAsset::keys)
                .returns(Duration.ofMinutes(1), PrefixAsset::every);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> PrefixAsset.of(spec(Map.of("changed", "replace"))))
                .hasMessageContaining("changed 'replace': expected one of [refuse, keep]");
        assertThatThrownBy(() -> PrefixAsset.of(spec(Map.of("deletions", "follow"))))
                .hasMessageContaining("deletions 'follow': expected one of [keep]");
        assertThatThrownBy(() -> PrefixAsset.of(spec(Map.of("prefix", "s3://{raw}/landing"))))
                .hasMessageContaining("with a slash at its end");
        assertThatThrownBy(() -> PrefixAsset.of(spec(Map.of("every", "often")))).hasMessageContaining("every 'often'");
        assertThatThrownBy(() -> PrefixAsset.of(spec(Map.of("path", "x"))))
                .hasMessageContaining("unknown setting 'path'");
    }

    @Test
    void placesThatOverlapAreRefused() throws IOException {
        String landing = "{kind: s3-prefix, name: landing, prefix: \"s3://{raw}/landing/\"}";
        Platform beside = platform("", landing, "{kind: delta-table, name: t, path: \"s3://{lake}/landing-table\"}");
        assertThatCode(() -> PrefixAsset.check("g", beside)).doesNotThrowAnyException();

        Platform above = platform("", landing, "{kind: delta-table, path: \"s3://{lake}/*/t\"}");
        assertThatThrownBy(() -> PrefixAsset.check("g", above))
                .hasMessageContaining("landing overlaps with the delta-table at s3://{lake}/*/t");
        Platform twice = platform("", landing, "{kind: s3-prefix, name: other, prefix: \"s3://{raw}/landing/deep/\"}");
        assertThatThrownBy(() -> PrefixAsset.check("g", twice)).hasMessageContaining("landing and other overlap");
    }

    @Test
    void aStoreWithoutConditionalPutsIsRefused() throws IOException {
        Platform platform =
                platform(", dialect: {conditionalPut: false}", "{kind: s3-prefix, name: a, prefix: \"s3://{raw}/a/\"}");

        assertThatThrownBy(() -> PrefixAsset.check("g", platform))
                .hasMessageContaining("region east has conditionalPut: false");
    }
}
