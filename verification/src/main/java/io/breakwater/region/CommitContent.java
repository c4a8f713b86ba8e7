package io.breakwater.region;

/** What the bytes of a commit turned out to be. */
public sealed interface CommitContent {

    record Actions(DeltaCommit commit) implements CommitContent {}

    /** @param detail one line for people: what, in which line of the file, and what to do where that is not plain */
    record Refused(Reason reason, String detail) implements CommitContent {}

    /** Why a commit can't be carried to another region. */
    enum Reason {
        /** Not UTF-8, not JSON, or not actions of a commit. */
        CORRUPT,
        /** A path that names its bucket: it would lead back to the source. */
        ABSOLUTE_PATH,
        /** A path that would be written outside of the table, or into its log. */
        PATH_LEAVES_TABLE,
        /** The table's commits are decided by a catalog, not by its log. */
        CATALOG_MANAGED,
        /** The table demands of its readers what is not known here: it may keep data where nobody looks. */
        UNKNOWN_PROTOCOL
    }
}
