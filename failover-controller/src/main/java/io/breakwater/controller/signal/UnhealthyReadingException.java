package io.breakwater.controller.signal;

/** Carries an unhealthy reading into a circuit breaker, which counts exceptions. Has no stack trace; never thrown. */
final class UnhealthyReadingException extends Exception {

    private static final long serialVersionUID = 1L;

    UnhealthyReadingException(String reason) {
        super(reason, null, false, false);
    }
}
