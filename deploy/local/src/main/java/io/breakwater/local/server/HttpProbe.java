package io.breakwater.local.server;

import io.breakwater.local.process.Readiness;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.Predicate;

/** Ready when a GET of an address gets the answer that the server gives once it serves. */
record HttpProbe(URI address, Predicate<HttpResponse<String>> serves) implements Readiness {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

    @Override
    public boolean ready() throws InterruptedException {
        HttpRequest get = HttpRequest.newBuilder(address).timeout(TIMEOUT).GET().build();
        try {
            return serves.test(CLIENT.send(get, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return false; // not listening yet, or too busy with starting
        }
    }
}
