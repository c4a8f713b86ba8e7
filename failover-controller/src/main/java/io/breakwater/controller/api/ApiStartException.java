package io.breakwater.controller.api;

/** The API cannot serve. The message says what to change. */
public final class ApiStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ApiStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
