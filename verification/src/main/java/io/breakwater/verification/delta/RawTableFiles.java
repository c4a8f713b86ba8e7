package io.breakwater.verification.delta;

import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which files a table consists of, by its raw commits alone: neither checkpoints nor an engine are asked. */
final class RawTableFiles {

    private final DeltaLogFiles log;

    RawTableFiles(DeltaLogFiles log) {
        this.log = log;
    }

    /**
     * Paths relative to the table's root.
     *
     * @return empty if the commits do not reach back to version 0, or one of them can't be read
     */
    Optional<Set<String>> at(long version) {
        List<LogFile> commits = log.commitsAfter(-1).stream()
                .filter(commit -> commit.version() <= version)
                .toList();
        if (commits.size() != version + 1) {
            return Optional.empty();
        }
        Set<String> live = new TreeSet<>();
        for (LogFile file : commits) {
            Optional<CommitContent> content = log.content(file.version());
            if (content.isPresent() && content.get() instanceof CommitContent.Actions actions) {
                DeltaCommit commit = actions.commit();
                commit.removes().forEach(live::remove);
                commit.adds().forEach(add -> live.add(add.path()));
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(live);
    }
}
