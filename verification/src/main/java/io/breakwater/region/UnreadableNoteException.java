package io.breakwater.region;

/**
 * What Breakwater keeps beside a replica ({@link ReplicaNotes}) is damaged: the trouble of that one table. The message
 * names the object, and says what to do with it.
 */
public final class UnreadableNoteException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /** @param remedy what becomes of it once the object is removed */
    public UnreadableNoteException(ObjectUri note, String remedy, Throwable cause) {
        super(note + " can't be read: remove it, " + remedy, cause);
    }
}
