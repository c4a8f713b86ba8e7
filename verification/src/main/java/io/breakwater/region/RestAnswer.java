package io.breakwater.region;

import java.util.Optional;
import java.util.function.Function;

/** What came back from a server's REST API. Three things that must not be confused: an answer, a refusal, silence. */
public sealed interface RestAnswer<T> {

    /** The server did it, or answered. */
    record Ok<T>(T value) implements RestAnswer<T> {
        @Override
        public String toString() {
            return "ok";
        }
    }

    /** The server is there and said no: asking again unchanged is of little use, except for 404, 409 and 5xx. */
    record Refused<T>(int status, String reason) implements RestAnswer<T> {
        @Override
        public String toString() {
            return "refused with HTTP " + status + ": " + reason;
        }
    }

    /** No answer: whether the request took effect is unknown. */
    record Unreachable<T>(String reason) implements RestAnswer<T> {
        @Override
        public String toString() {
            return "unreachable: " + reason;
        }
    }

    /** The value if it is {@link Ok}. */
    default Optional<T> ifOk() {
        return this instanceof Ok<T> ok ? Optional.of(ok.value()) : Optional.empty();
    }

    default <R> RestAnswer<R> map(Function<T, R> change) {
        return flatMap(value -> new Ok<>(change.apply(value)));
    }

    default <R> RestAnswer<R> flatMap(Function<T, RestAnswer<R>> next) {
        if (this instanceof Ok<T> ok) {
            return next.apply(ok.value());
        }
        if (this instanceof Refused<T> refused) {
            return new Refused<>(refused.status(), refused.reason());
        }
        return new Unreachable<>(((Unreachable<T>) this).reason());
    }
}
