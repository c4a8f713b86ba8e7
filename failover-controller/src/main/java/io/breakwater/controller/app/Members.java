package io.breakwater.controller.app;

import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Settings;
import io.breakwater.platform.Platform;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose votes count: those of the Raft group's members, whatever the platform file says. An edited file changes no Raft
 * group; if it changed the votes, two nodes could decide by themselves what only three may (rule 3). Used by the thread
 * of {@link LeaderDuties} only.
 */
final class Members {

    private static final Logger LOG = LoggerFactory.getLogger(Members.class);

    private final String node;
    private final Settings file;
    private final Supplier<Optional<List<String>>> raft;
    private Optional<String> warned = Optional.empty();

    /** @param raft ids of the Raft group's members, sorted; empty while they change or are not known */
    Members(String node, Platform platform, Supplier<Optional<List<String>>> raft) {
        this.node = node;
        this.file = Settings.of(platform);
        this.raft = raft;
    }

    /** What the leader has the others adopt: of the file all but the nodes; while these change, nothing new. */
    Settings settings(ControlState state) {
        return raft.get().map(file::withNodes).orElseGet(state::settings);
    }

    /** What the platform file says against the Raft group, for a person; empty if nothing. */
    Optional<String> contradiction() {
        return raft.get().filter(members -> !members.equals(file.nodes())).map(this::contradiction);
    }

    private String contradiction(List<String> members) {
        if (members.isEmpty()) {
            return "this node is new to the group and waits, without a vote: have the others take it in (breakwater nodes"
                    + " add, or replace)";
        }
        return "the platform file names the nodes " + file.nodes() + ", the Raft group has " + members
                + ": only the votes of " + members + " count. Have them changed (breakwater nodes add, remove,"
                + " replace), or correct the file and restart this node";
    }

    /** Logs a contradiction once. */
    void look() {
        Optional<String> now = contradiction();
        if (!now.equals(warned)) {
            now.ifPresent(text -> LOG.warn("node={} {}", node, text));
            warned = now;
        }
    }
}
