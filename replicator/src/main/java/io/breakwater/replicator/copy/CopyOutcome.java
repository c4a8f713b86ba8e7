package io.breakwater.replicator.copy;

/** What came of one copy. */
public sealed interface CopyOutcome {

    /** The object is on the target, equal to the source's. */
    sealed interface Arrived extends CopyOutcome {
        long size();

        /** That the target has for it. */
        String tag();
    }

    record Copied(long size, String tag) implements Arrived {}

    /** It was there before, equal; nothing was written. */
    record AlreadyThere(long size, String tag) implements Arrived {}

    /** The source has no such object. */
    record SourceMissing() implements CopyOutcome {}

    /** What stands at the target, or at the source, is not the object that was meant; nothing was written. */
    record Different(String detail) implements CopyOutcome {}

    /** Given up after all attempts; another try may succeed. */
    record Failed(String reason) implements CopyOutcome {}
}
