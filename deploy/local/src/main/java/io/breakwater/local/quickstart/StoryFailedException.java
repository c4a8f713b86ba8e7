package io.breakwater.local.quickstart;

/** The failover did not go as it should. The message is one line. */
public final class StoryFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StoryFailedException(String message) {
        super(message);
    }

    public StoryFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
