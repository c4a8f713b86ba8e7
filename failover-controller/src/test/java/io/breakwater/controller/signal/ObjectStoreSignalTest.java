package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.S3ObjectStore;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectStoreSignalTest extends HealthSignalContract {

    @Override
    HealthSignal lookingAt(int port, Duration limit) {
        ObjectStoreSite site = new ObjectStoreSite(
                "us-east-1",
                Optional.of(URI.create("http://127.0.0.1:" + port)),
                Optional.of("key"),
                Optional.of("secret"),
                Map.of());
        return new ObjectStoreSignal(S3ObjectStore.connect(site, limit), "breakwater-east", "west");
    }

    @ParameterizedTest
    @CsvSource({
        "200, health/east, Unhealthy",
        "403, , Unknown",
        "404, , Unknown",
    })
    void readsTheAnswersToAWriteAndAList(int status, String listed, String reading) throws Exception {
        String body = listed == null
                ? ""
                : "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                        + "<Name>breakwater-east</Name><IsTruncated>false</IsTruncated><Contents><Key>" + listed
                        + "</Key><LastModified>2026-11-22T03:00:00.000Z</LastModified><ETag>&quot;0&quot;</ETag>"
                        + "<Size>1</Size></Contents></ListBucketResult>";
        try (TinyServer server = new TinyServer(status, body);
                HealthSignal signal = lookingAt(server.port(), PATIENCE)) {
            assertThat(signal.probe().getClass().getSimpleName()).isEqualTo(reading);
        }
    }

    @Test
    void comparesWhatItReadsWithWhatItPut() throws Exception {
        try (TinyStore store = new TinyStore();
                HealthSignal signal = lookingAt(store.port(), PATIENCE)) {
            assertThat(signal.probe()).isEqualTo(new SignalReading.Healthy());
            assertThat(signal.probe()).isEqualTo(new SignalReading.Healthy());

            store.readAs(bytes -> new byte[bytes.length]);
            assertThat(signal.probe())
                    .isEqualTo(new SignalReading.Unhealthy(
                            "the object that was just written is read with another content"));

            store.readAs(bytes -> bytes);
            assertThat(signal.probe()).isEqualTo(new SignalReading.Healthy());
            store.loseAll();
            assertThat(signal.probe())
                    .isEqualTo(new SignalReading.Unhealthy("the object that was just written is not found"));
        }
    }
}
