package io.breakwater.region;

/**
 * Where what we write about a replica lies: in the replica's bucket, below {@value #FOLDER}, never below the table
 * itself, where a reader or a vacuum would meet it.
 */
public final class ReplicaNotes {

    /** A name that begins with an underscore is no table to whoever looks for tables. */
    public static final String FOLDER = "_breakwater/delta";

    private ReplicaNotes() {}

    /**
     * @param table the root of the replica
     * @param name of the note; it may have folders of its own
     */
    public static ObjectUri of(ObjectUri table, String name) {
        return new ObjectUri(table.bucket(), FOLDER).resolve(table.key()).resolve(name);
    }
}
