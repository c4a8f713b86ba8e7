package io.breakwater.region;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStore.ObjectInfo;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The log of one Delta table as plain objects: names, listings, raw commits. It trusts no engine and makes none, so
 * that bytes can be carried as they are. Thread-safe. Fails with {@link ObjectStoreException}.
 */
public final class DeltaLogFiles {

    private static final String FOLDER = "_delta_log";

    private final ObjectStore store;
    private final ObjectUri table;

    /** @param table the root of the table */
    public DeltaLogFiles(ObjectStore store, ObjectUri table) {
        this.store = store;
        this.table = table;
    }

    public ObjectUri table() {
        return table;
    }

    /** The file of this name in the log's folder; the name may have a folder of its own ({@code _sidecars/}). */
    public ObjectUri file(String name) {
        return table.resolve(FOLDER).resolve(name);
    }

    public ObjectUri commitFile(long version) {
        return file(digits(version) + ".json");
    }

    public ObjectUri lastCheckpointFile() {
        return file("_last_checkpoint");
    }

    /** Log files of this version and later ones, in the order of their names. The cost does not grow with the table. */
    public List<LogFile> listFrom(long version) {
        // A version has 19 digits at most: with the leading 0 in the prefix, sidecars and hints are not listed.
        ObjectUri prefix = file("0");
        return store.list(prefix, file(digits(version)).key()).stream()
                .map(LogFile::of)
                .flatMap(Optional::stream)
                .toList();
    }

    /** The commits after a version, ascending; -1 for all. There may be gaps: that is for the caller to judge. */
    public List<LogFile> commitsAfter(long version) {
        return listFrom(version + 1).stream()
                .filter(file -> file.kind() == Kind.COMMIT)
                .toList();
    }

    /**
     * The newest version that can be reached without a gap from the newest checkpoint, or from the oldest commit.
     *
     * @return empty if there is no table
     */
    public OptionalLong newestVersion() {
        OptionalLong hint = lastCheckpointVersion();
        OptionalLong newest = hint.isPresent() ? newestFrom(hint.getAsLong()) : OptionalLong.empty();
        return newest.isPresent() ? newest : newestFrom(0);
    }

    private OptionalLong newestFrom(long version) {
        List<LogFile> commits = commitsAfter(version - 1);
        for (int i = 0; i < commits.size(); i++) {
            long expected = commits.get(0).version() + i;
            if (commits.get(i).version() != expected) {
                return OptionalLong.of(expected - 1);
            }
        }
        return commits.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(commits.get(commits.size() - 1).version());
    }

    /** What {@code _last_checkpoint} names. It is only a hint: absent or unreadable is the same, and empty here. */
    public OptionalLong lastCheckpointVersion() {
        return store.get(lastCheckpointFile()).map(DeltaLogFiles::hintedVersion).orElseGet(OptionalLong::empty);
    }

    /** The version that the bytes of a {@code _last_checkpoint} name. */
    public static OptionalLong hintedVersion(byte[] hint) {
        try {
            JsonNode version = Json.MAPPER.readTree(hint).path("version");
            return version.canConvertToLong() && version.longValue() >= 0
                    ? OptionalLong.of(version.longValue())
                    : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    public Optional<ObjectInfo> head(ObjectUri file) {
        return store.head(file);
    }

    /** The bytes of a commit. Empty if there is no such version. */
    public Optional<byte[]> commit(long version) {
        return store.get(commitFile(version));
    }

    /** A commit's actions, or why they can't be taken. Empty if there is no such version. */
    public Optional<CommitContent> content(long version) {
        return commit(version).map(DeltaCommit::parse);
    }

    private static String digits(long version) {
        return String.format(Locale.ROOT, "%020d", version);
    }
}
