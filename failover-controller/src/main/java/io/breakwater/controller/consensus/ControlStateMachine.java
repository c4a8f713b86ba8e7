package io.breakwater.controller.consensus;

import io.breakwater.controller.core.ControlMachine;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.Transition;
import io.breakwater.platform.Json;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.AtomicFileOutputStream;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the Raft log with {@link ControlMachine}. Ratis calls everything that changes it on one thread; the state is
 * read from any thread.
 */
final class ControlStateMachine extends BaseStateMachine {

    private static final Logger LOG = LoggerFactory.getLogger(ControlStateMachine.class);

    /** How many commands are remembered: many times what can be proposed while a client still repeats. */
    private static final int RECENT = 512;

    private final Clock clock;
    private final EvidenceJournal journal;
    private final AppliedListener applied;
    private final LeadershipListener leadership;
    private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
    private final Map<String, Reply> recent = new LinkedHashMap<>();
    private volatile ControlState state = ControlState.EMPTY;

    ControlStateMachine(Clock clock, EvidenceJournal journal, AppliedListener applied, LeadershipListener leadership) {
        this.clock = clock;
        this.journal = journal;
        this.applied = applied;
        this.leadership = leadership;
    }

    ControlState state() {
        return state;
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId group, RaftStorage raftStorage) throws IOException {
        super.initialize(server, group, raftStorage);
        storage.init(raftStorage);
        getLifeCycle().startAndTransition(this::load, IOException.class);
    }

    /** The base class does nothing here, and then an installed snapshot ends the follower. */
    @Override
    public void pause() {
        if (getLifeCycleState() == LifeCycle.State.RUNNING) {
            getLifeCycle().transition(LifeCycle.State.PAUSING);
            getLifeCycle().transition(LifeCycle.State.PAUSED);
        }
    }

    @Override
    public void reinitialize() throws IOException {
        load();
        if (getLifeCycleState() == LifeCycle.State.PAUSED) {
            getLifeCycle().transition(LifeCycle.State.STARTING);
            getLifeCycle().transition(LifeCycle.State.RUNNING);
        }
    }

    private void load() throws IOException {
        SingleFileSnapshotInfo newest = storage.loadLatestSnapshot();
        if (newest == null) {
            return;
        }
        Snapshot snapshot = Json.MAPPER.readValue(newest.getFile().getPath().toFile(), Snapshot.class);
        recent.clear();
        snapshot.recent().forEach(answered -> recent.put(answered.command(), answered.reply()));
        journal.restore(snapshot.state().evidence());
        state = snapshot.state();
        setLastAppliedTermIndex(newest.getTermIndex());
    }

    @Override
    public long takeSnapshot() throws IOException {
        journal.makeDurable();
        TermIndex at = getLastAppliedTermIndex();
        File file = storage.getSnapshotFile(at.getTerm(), at.getIndex());
        Snapshot snapshot = new Snapshot(
                state,
                recent.entrySet().stream()
                        .map(e -> new Snapshot.Answered(e.getKey(), e.getValue()))
                        .toList());
        MD5Hash digest = write(file, Json.MAPPER.writeValueAsBytes(snapshot));
        storage.updateLatestSnapshot(new SingleFileSnapshotInfo(new FileInfo(file.toPath(), digest), at));
        return at.getIndex();
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return storage;
    }

    /** All of it or nothing: at the next start, Ratis takes whatever lies under that name for the newest snapshot. */
    static MD5Hash write(File file, byte[] snapshot) throws IOException {
        AtomicFileOutputStream out = new AtomicFileOutputStream(file);
        try {
            out.write(snapshot);
            // Gives the file its name, also if not all could be written.
            out.close();
            return MD5FileUtil.computeAndSaveMd5ForFile(file);
        } catch (IOException | RuntimeException e) {
            out.abort();
            Files.deleteIfExists(file.toPath());
            Files.deleteIfExists(MD5FileUtil.getDigestFileForFile(file).toPath());
            throw e;
        }
    }

    /** On the leader only: the command gets its time here, so that one clock counts, and it cannot be a wrong one. */
    @Override
    public TransactionContext startTransaction(RaftClientRequest request) throws IOException {
        TransactionContext.Builder transaction = TransactionContext.newBuilder()
                .setStateMachine(this)
                .setServerRole(RaftPeerRole.LEADER)
                .setClientRequest(request);
        try {
            Command command = Command.fromBytes(request.getMessage().getContent());
            return transaction
                    .setLogData(command.takenIn(clock.instant()).toBytes())
                    .build();
        } catch (IOException e) {
            LOG.warn("node={} refused a command that it cannot read: client={}", getId(), request.getClientId());
            TransactionContext refused =
                    transaction.setLogData(request.getMessage().getContent()).build();
            refused.setException(e);
            return refused;
        }
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        try {
            Command command = Command.fromBytes(entry.getStateMachineLogEntry().getLogData());
            Reply reply = recent.get(command.id());
            if (reply == null) {
                reply = apply(command);
            }
            updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
            return CompletableFuture.completedFuture(Message.valueOf(Command.bytes(reply)));
        } catch (IOException e) {
            // Going on would let this node's state differ from the others': Ratis ends the server.
            throw new UncheckedIOException("log entry " + entry.getIndex() + " cannot be applied", e);
        }
    }

    private Reply apply(Command command) throws IOException {
        ControlState before = state;
        Transition transition = ControlMachine.step(before, command.event(), command.at());
        if (!transition.evidence().isEmpty()) {
            journal.append(
                    transition.state().evidence().size() - transition.evidence().size(), transition.evidence());
        }
        state = transition.state();
        recent.put(command.id(), transition.reply());
        if (recent.size() > RECENT) {
            recent.remove(recent.keySet().iterator().next());
        }
        applied.applied(before, command.event(), transition);
        return transition.reply();
    }

    /** Any query is for the whole state. */
    @Override
    public CompletableFuture<Message> query(Message request) {
        return CompletableFuture.completedFuture(Message.valueOf(Command.bytes(state)));
    }

    @Override
    public void notifyLeaderReady() {
        leadership.leads();
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pending) {
        leadership.follows();
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
        if (!member.getPeerId().equals(leader)) {
            leadership.follows();
        }
    }

    @Override
    public void notifyLogFailed(Throwable why, @Nullable LogEntryProto entry) {
        leadership.logFailed(why);
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto role, boolean wholeServer) {
        leadership.ended();
    }
}
