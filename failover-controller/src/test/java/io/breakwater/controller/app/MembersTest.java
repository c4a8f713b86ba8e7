package io.breakwater.controller.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlMachine;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Settings;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which list of nodes counts. */
class MembersTest {

    private static Platform platform(String... nodes) {
        List<Node> all = Stream.of(nodes)
                .map(id -> new Node(id, Optional.empty(), new HostPort("127.0.0.1", 1), new HostPort("127.0.0.1", 1)))
                .toList();
        return new Platform("flights", all, new TreeMap<>(), new TreeMap<>());
    }

    @Test
    void theRaftGroupSaysWhoseVotesCount() {
        Members members = new Members("a", platform("a", "b", "c"), () -> Optional.of(List.of("a")));

        assertThat(members.settings(ControlState.EMPTY).nodes()).containsExactly("a");
    }

    @Test
    void whileMembersChangeNothingNewIsAdopted() {
        ControlState before = ControlMachine.step(
                        ControlState.EMPTY,
                        new ControlEvent.PlatformAdopted(Settings.of(platform("a", "b"))),
                        Instant.EPOCH)
                .state();
        Members members = new Members("a", platform("a", "b", "c"), Optional::empty);

        assertThat(members.settings(before)).isEqualTo(before.settings());
    }

    @Test
    void aFileThatContradictsTheRaftGroupIsNamedWithBothLists() {
        Members same = new Members("a", platform("b", "a"), () -> Optional.of(List.of("a", "b")));
        Members other = new Members("a", platform("a", "d"), () -> Optional.of(List.of("a", "b")));

        assertThat(same.contradiction()).isEmpty();
        assertThat(other.contradiction().orElseThrow())
                .contains("the nodes [a, d], the Raft group has [a, b]", "only the votes of [a, b] count");
    }

    @Test
    void aNodeThatWaitsToBeTakenInSaysSo() {
        Members waits = new Members("d", platform("a", "d"), () -> Optional.of(List.of()));

        assertThat(waits.contradiction().orElseThrow()).contains("waits, without a vote", "breakwater nodes add");
    }
}
