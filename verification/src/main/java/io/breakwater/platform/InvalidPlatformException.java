package io.breakwater.platform;

import java.util.List;

/** The platform file cannot be used. Its message has one line for each thing that is wrong, with path and remedy. */
public final class InvalidPlatformException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> wrong;

    public InvalidPlatformException(List<String> wrong) {
        super(String.join(System.lineSeparator(), wrong));
        this.wrong = List.copyOf(wrong);
    }

    /** One line for each thing that is wrong. */
    public List<String> wrong() {
        return wrong;
    }
}
