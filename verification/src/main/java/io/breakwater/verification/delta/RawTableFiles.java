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
     * What the commits say.
     *
     * @param paths relative to the table's root
     * @param readerVersion the highest that any commit of the log demanded, later ones too
     */
    record Raw(Set<String> paths, int readerVersion) {}

    /**
     * @return empty if the commits do not reach back to version 0, or one of them can't be read
     */
    Optional<Raw> at(long version) {
        List<LogFile> commits = log.commitsAfter(-1);
        if (commits.stream().filter(commit -> commit.version() <= version).count() != version + 1) {
            return Optional.empty();
        }
        Set<String> live = new TreeSet<>();
        int reader = 0;
        for (LogFile file : commits) {
            Optional<CommitContent> content = log.content(file.version());
            if (content.isPresent() && content.get() instanceof CommitContent.Actions actions) {
                DeltaCommit commit = actions.commit();
                reader = Math.max(
                        reader,
                        commit.protocol()
                                .map(DeltaCommit.Protocol::minReaderVersion)
                                .orElse(0));
                if (file.version() <= version) {
                    commit.removes().forEach(live::remove);
                    commit.adds().forEach(add -> live.add(add.path()));
                }
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(new Raw(live, reader));
    }
}
