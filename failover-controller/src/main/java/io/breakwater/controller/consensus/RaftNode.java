package io.breakwater.controller.consensus;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Reply;
import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.exceptions.TransferLeadershipException;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.TimeDuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node's part of the Raft group of all controller nodes. Thread-safe. */
public final class RaftNode implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);
    private static final int PROPOSERS = 8;
    private static final int WAITING_PROPOSALS = 256;
    private static final int ATTEMPTS = 8;
    private static final TimeDuration BETWEEN_ATTEMPTS = TimeDuration.valueOf(150, TimeUnit.MILLISECONDS);
    private static final long TRANSFER_MILLIS = 3000;
    private static final int REACHED_MILLIS = 2000;
    private static final int SETTLED_LOOKS = 50;

    private final String id;
    private final RaftGroup group;
    private final RaftServer server;
    private final RaftClient client;
    /** Waits for what takes seconds. */
    private final RaftClient patient;

    private final ControlStateMachine machine;
    private final ThreadPoolExecutor proposers;

    private RaftNode(
            String id,
            RaftGroup group,
            RaftServer server,
            RaftClient client,
            RaftClient patient,
            ControlStateMachine machine) {
        this.id = id;
        this.group = group;
        this.server = server;
        this.client = client;
        this.patient = patient;
        this.machine = machine;
        this.proposers = new ThreadPoolExecutor(
                PROPOSERS, PROPOSERS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_PROPOSALS), task -> {
                    Thread thread = new Thread(task, "proposer-" + id);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /**
     * Takes part in the group; the directory is made if it is not there.
     *
     * @param joins whether it waits, with an empty directory, until the others take it in ({@link #changeMembers}); one
     *     that has been in touch with the others knows from its directory whether it votes
     * @param tls without it, whoever reaches the port is believed
     * @throws IOException if the port is in use, or the directory cannot be used
     */
    public static RaftNode start(
            Platform platform,
            Node node,
            Path directory,
            Optional<RaftTls> tls,
            boolean joins,
            Clock clock,
            EvidenceJournal journal,
            AppliedListener applied,
            LeadershipListener leadership)
            throws IOException {
        RaftGroup group = groupOf(platform, platform.nodes());
        RaftProperties settings = RaftSettings.of(node.raft(), directory);
        Parameters parameters = tls.isPresent() ? tls.get().parameters() : new Parameters();
        ControlStateMachine machine = new ControlStateMachine(clock, journal, applied, leadership);
        // With an empty list it begins no election: Ratis learns from the others, or its directory, who votes.
        RaftServer server = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(node.id()))
                .setGroup(joins ? groupOf(platform, List.of()) : group)
                .setProperties(settings)
                .setParameters(parameters)
                .setStateMachine(machine)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .build();
        try {
            server.start();
        } catch (IOException e) {
            server.close();
            throw e;
        } catch (CompletionException e) {
            // Ratis reads its log on threads of its own. Not closed, it would keep the port and the directory's lock.
            server.close();
            throw new IOException(
                    "the Raft log in " + directory + " cannot be read. Move that folder away, start the node without "
                            + "it, and hand the lead to another node, unless a majority of the nodes has lost its log",
                    e);
        }
        RaftClient client = client(group, settings, parameters);
        RaftClient patient = client(group, RaftSettings.patient(settings), parameters);
        return new RaftNode(node.id(), group, server, client, patient, machine);
    }

    private static RaftClient client(RaftGroup group, RaftProperties settings, Parameters parameters) {
        return RaftClient.newBuilder()
                .setRaftGroup(group)
                .setProperties(settings)
                .setParameters(parameters)
                .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(ATTEMPTS, BETWEEN_ATTEMPTS))
                .build();
    }

    private static RaftPeer peer(Member node) {
        return RaftPeer.newBuilder()
                .setId(node.id())
                .setAddress(node.raft().toString())
                .build();
    }

    private static RaftGroup groupOf(Platform platform, List<Node> nodes) {
        UUID uuid = UUID.nameUUIDFromBytes(("breakwater/" + platform.platform()).getBytes(StandardCharsets.UTF_8));
        List<RaftPeer> peers =
                nodes.stream().map(Member::of).map(RaftNode::peer).toList();
        return RaftGroup.valueOf(RaftGroupId.valueOf(uuid), peers);
    }

    /** As applied here. */
    public ControlState state() {
        return machine.state();
    }

    /** As committed when it was asked for; fails without a quorum. */
    public CompletionStage<ControlState> read() {
        return submit(() -> {
            RaftClientReply reply = client.io().sendReadOnly(Message.EMPTY);
            return Command.read(content(reply), ControlState.class);
        });
    }

    /** Proposes under an id of its own. */
    public CompletionStage<Reply> propose(ControlEvent event) {
        return propose(UUID.randomUUID().toString(), event);
    }

    /**
     * @param commandId the same for each repetition of a proposal that was not answered
     * @return fails if there was no answer in time; then the event may still take effect later
     */
    public CompletionStage<Reply> propose(String commandId, ControlEvent event) {
        Message message = Message.valueOf(Command.proposed(commandId, event).toBytes());
        return submit(() -> Command.read(content(client.io().send(message)), Reply.class));
    }

    private static ByteString content(RaftClientReply reply) throws IOException {
        if (!reply.isSuccess()) {
            throw reply.getException();
        }
        return reply.getMessage().getContent();
    }

    private <T> CompletionStage<T> submit(Callable<T> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            proposers.execute(() -> {
                try {
                    result.complete(call.call());
                } catch (Exception e) {
                    // Ratis' own message carries the whole request.
                    String kind = e.getClass().getSimpleName();
                    result.completeExceptionally(new IOException("consensus gave no answer: " + kind, e));
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(
                    new IOException("node " + id + " has " + WAITING_PROPOSALS + " proposals waiting already", e));
        }
        return result;
    }

    public boolean isLeader() {
        return division().isLeaderReady();
    }

    /** The leader's node id, if this node knows one. */
    public Optional<String> leader() {
        return Optional.ofNullable(division().getLeaderId()).map(RaftPeerId::toString);
    }

    /**
     * Ids of the nodes that vote in the Raft group, sorted; of a node that has never been in touch with the others, those
     * that it was started with. Empty while they change, and when the server has ended.
     */
    public Optional<List<String>> members() {
        RaftServer.Division division;
        try {
            division = server.getDivision(group.getGroupId());
        } catch (IOException e) {
            // It has just been closed: whoever looks all the time must not be ended by that.
            return Optional.empty();
        }
        RaftConfiguration now = division.getRaftConf();
        boolean settled = now.getPreviousPeers().isEmpty()
                && now.getLogEntryIndex() <= division.getRaftLog().getLastCommittedIndex();
        return settled ? Optional.of(ids(now.getCurrentPeers())) : Optional.empty();
    }

    /** Entries of the Raft log that this node has applied. */
    public long appliedIndex() {
        return division().getLastAppliedIndex();
    }

    private DivisionInfo division() {
        try {
            return server.getDivision(group.getGroupId()).getInfo();
        } catch (IOException e) {
            throw new UncheckedIOException("node " + id + " is not in its Raft group", e);
        }
    }

    /**
     * Hands the lead to another node. Blocks for some seconds.
     *
     * @return false if that one is behind, or does not take it
     * @throws IOException if there was no answer; then the lead may still be handed over later
     */
    public boolean transferLeadership(String node) throws IOException {
        try {
            return client.admin()
                    .transferLeadership(RaftPeerId.valueOf(node), TRANSFER_MILLIS)
                    .isSuccess();
        } catch (TransferLeadershipException e) {
            return false;
        }
    }

    /** As {@link #transferLeadership}, without blocking. */
    public CompletionStage<Boolean> handLeadTo(String node) {
        return submit(() -> transferLeadership(node));
    }

    /**
     * Changes who votes, by Raft's joint consensus. The node that joins has to run already; it is taken in once it has
     * caught up.
     *
     * @return fails if it is not known within about 20 s what came of it: the change may still take effect
     */
    public CompletionStage<MemberChange> changeMembers(Optional<Member> joins, Optional<String> leaves) {
        return submit(() -> {
            if (joins.isPresent() && !isReached(joins.get())) {
                return MemberChange.NOT_REACHED;
            }
            List<RaftPeer> current = List.copyOf(
                    server.getDivision(group.getGroupId()).getRaftConf().getCurrentPeers());
            List<RaftPeer> next = new ArrayList<>(current);
            next.removeIf(peer -> leaves.filter(peer.getId().toString()::equals).isPresent());
            joins.map(RaftNode::peer).ifPresent(next::add);
            try {
                RaftClientReply reply = patient.admin()
                        .setConfiguration(SetConfigurationRequest.Arguments.newBuilder()
                                .setServersInCurrentConf(current)
                                .setServersInNewConf(next)
                                .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                                .build());
                if (reply.isSuccess()) {
                    return MemberChange.DONE;
                }
            } catch (IOException e) {
                // Ratis tells several outcomes by the same exception: what stands afterwards says which it was.
                LOG.info("node={} the change of members to {} was not answered: {}", id, ids(next), e.toString());
            }
            return cameOfIt(ids(current), ids(next));
        });
    }

    private MemberChange cameOfIt(List<String> before, List<String> wanted) throws IOException, InterruptedException {
        Optional<List<String>> now = members();
        for (int i = 0; i < SETTLED_LOOKS && !now.equals(Optional.of(wanted)); i++) {
            TimeUnit.MILLISECONDS.sleep(BETWEEN_ATTEMPTS.toLong(TimeUnit.MILLISECONDS));
            now = members();
        }
        if (now.equals(Optional.of(wanted))) {
            return MemberChange.DONE;
        }
        if (now.equals(Optional.of(before))) {
            return MemberChange.NOT_YET;
        }
        throw new IOException("the members still change");
    }

    private static boolean isReached(Member node) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(node.raft().host(), node.raft().port()), REACHED_MILLIS);
            return true;
        } catch (IOException e) {
            LOG.info("node {} is not reached at {}: {}", node.id(), node.raft(), e.toString());
            return false;
        }
    }

    private static List<String> ids(Collection<RaftPeer> peers) {
        return peers.stream().map(peer -> peer.getId().toString()).sorted().toList();
    }

    @Override
    public void close() throws IOException {
        proposers.shutdownNow();
        client.close();
        patient.close();
        server.close();
    }
}
