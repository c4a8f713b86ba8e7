package io.breakwater.controller.consensus;

import io.breakwater.platform.HostPort;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** How Ratis is set up; every choice here was measured. */
final class RaftSettings {

    /** Below one second, elections on a loaded machine take longer, not shorter. */
    private static final TimeDuration ELECTION_MIN = millis(1000);

    private static final TimeDuration ELECTION_MAX = millis(2000);
    private static final TimeDuration REQUEST_TIMEOUT = millis(1500);
    private static final TimeDuration CATCH_UP_TIMEOUT = millis(8000);
    private static final long SNAPSHOT_EVERY_ENTRIES = 2000;

    /**
     * Ratis refuses a longer entry. Entries are compressed ({@link Command}): the longest of a group with 5,000
     * partitions and 50,000 positions take some hundred kilobytes. The write buffer has to be larger.
     */
    private static final long MAX_ENTRY_BYTES = 4L << 20;

    private RaftSettings() {}

    private static TimeDuration millis(long millis) {
        return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
    }

    /** For a client that waits while a node catches up. */
    static RaftProperties patient(RaftProperties usual) {
        RaftProperties patient = new RaftProperties(usual);
        RaftClientConfigKeys.Rpc.setRequestTimeout(patient, CATCH_UP_TIMEOUT);
        return patient;
    }

    static RaftProperties of(HostPort listen, Path directory) {
        RaftProperties raft = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(raft, List.of(directory.toFile()));
        GrpcConfigKeys.Server.setHost(raft, listen.host());
        GrpcConfigKeys.Server.setPort(raft, listen.port());
        RaftServerConfigKeys.Rpc.setTimeoutMin(raft, ELECTION_MIN);
        RaftServerConfigKeys.Rpc.setTimeoutMax(raft, ELECTION_MAX);
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(raft, ELECTION_MIN);
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(raft, ELECTION_MAX);
        // Reads are not linearizable by default, and a leader lease would trust other nodes' clocks.
        RaftServerConfigKeys.Read.setOption(raft, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        // One node becomes two: the one that joins is half of them.
        RaftServerConfigKeys.LeaderElection.setMemberMajorityAdd(raft, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(raft, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(raft, SNAPSHOT_EVERY_ENTRIES);
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(raft, 2);
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(raft, true);
        RaftServerConfigKeys.Log.setSegmentSizeMax(raft, SizeInBytes.valueOf("4MB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(raft, SizeInBytes.valueOf("1MB"));
        RaftServerConfigKeys.Log.setWriteBufferSize(raft, SizeInBytes.valueOf(2 * MAX_ENTRY_BYTES));
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(raft, SizeInBytes.valueOf(MAX_ENTRY_BYTES));
        RaftServerConfigKeys.Write.setByteLimit(raft, SizeInBytes.valueOf(8 * MAX_ENTRY_BYTES));
        RaftClientConfigKeys.Rpc.setRequestTimeout(raft, REQUEST_TIMEOUT);
        return raft;
    }
}
