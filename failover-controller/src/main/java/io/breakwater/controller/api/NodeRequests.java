package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.app.ControlPlane;
import io.breakwater.controller.consensus.Member;
import io.breakwater.controller.consensus.MemberChange;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Json;
import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What persons ask for of the controller nodes themselves. What is allowed is an entry of the evidence log before Raft
 * is asked, and what came of it is another one. Thread-safe; nothing blocks.
 */
final class NodeRequests {

    private static final long RAFT_SECONDS = 10;
    private static final long CHANGE_SECONDS = 25;

    private final ControlPlane control;
    private final Platform platform;
    private final LoggedProposals proposals;

    NodeRequests(ControlPlane control, Platform platform, LoggedProposals proposals) {
        this.control = control;
        this.platform = platform;
        this.proposals = proposals;
    }

    /** What came of a request to Raft. */
    private enum Outcome {
        DONE,
        REFUSED,
        UNKNOWN;

        static Outcome of(@Nullable Boolean done, @Nullable Throwable failure) {
            if (failure != null || done == null) {
                return UNKNOWN;
            }
            return done ? DONE : REFUSED;
        }
    }

    /**
     * Hands the lead to a node. If that one leads already, nothing is done or logged.
     *
     * @param body as the contract has it, already checked
     */
    CompletionStage<ObjectNode> transferLead(JsonObject body) {
        String to = body.getString("node");
        String from = leader();
        ObjectNode answer = Json.MAPPER.createObjectNode().put("from", from).put("to", to);
        if (from.equals(to)) {
            return CompletableFuture.completedFuture(answer);
        }
        ObjectNode detail = PersonRequests.words(body).setAll(answer);
        return proposals
                .propose(new ControlEvent.LeadTransferRequested(
                        to,
                        regionOf(to),
                        body.getString("requestedBy"),
                        body.getString("reason"),
                        entry("lead-transfer-requested", detail)))
                .thenCompose(allowed -> outcome(control.handLeadTo(to)))
                .thenCompose(outcome -> logged("lead-transfer-ended", detail, outcome.name())
                        .thenApply(told -> answered(outcome, from, to, answer)));
    }

    private String leader() {
        return control.leader()
                .orElseThrow(() -> new ControlRequests.UnavailableException(
                        new IllegalStateException("this node knows no leader")));
    }

    private static CompletionStage<Outcome> outcome(CompletionStage<Boolean> asked) {
        return asked.toCompletableFuture()
                .copy()
                .orTimeout(RAFT_SECONDS, TimeUnit.SECONDS)
                .handle(Outcome::of);
    }

    /**
     * Has a node vote from now on, takes another one's vote away, or both at once.
     *
     * @param body as the contract has it, already checked
     */
    CompletionStage<ObjectNode> changeNodes(JsonObject body) {
        Optional<HostPort> raft = raftIn(body);
        Optional<Member> joins = Optional.ofNullable(body.getString("joins")).map(node -> member(node, raft));
        Optional<String> leaves = Optional.ofNullable(body.getString("leaves"));
        if (joins.isEmpty() && leaves.isEmpty()) {
            throw new ProblemException(
                    Problem.of(Problem.Kind.INVALID_REQUEST, "name the node that joins, the one that leaves, or both"));
        }
        if (joins.isEmpty() && raft.isPresent()) {
            throw new ProblemException(Problem.of(
                    Problem.Kind.INVALID_REQUEST, "raft is the address of the node that joins, and none is named"));
        }
        ObjectNode detail = PersonRequests.words(body);
        joins.ifPresent(
                node -> detail.put("joins", node.id()).put("raft", node.raft().toString()));
        leaves.ifPresent(node -> detail.put("leaves", node));
        return proposals
                .propose(new ControlEvent.NodesChangeRequested(
                        joins.map(Member::id),
                        leaves,
                        leader(),
                        body.getString("requestedBy"),
                        body.getString("reason"),
                        entry("nodes-change-requested", detail)))
                .thenCompose(allowed -> control.changeMembers(joins, leaves)
                        .toCompletableFuture()
                        .copy()
                        .orTimeout(CHANGE_SECONDS, TimeUnit.SECONDS)
                        .handle((change, failure) -> Optional.ofNullable(change)))
                .thenCompose(change -> logged(
                                "nodes-change-ended",
                                detail,
                                change.map(Enum::name).orElse(Outcome.UNKNOWN.name()))
                        .thenApply(told -> changed(change, joins, leaves)));
    }

    private static Optional<HostPort> raftIn(JsonObject body) {
        try {
            return Optional.ofNullable(body.getString("raft")).map(HostPort::parse);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.of(Problem.Kind.INVALID_REQUEST, "raft: " + e.getMessage()));
        }
    }

    /** The node as the person or the platform file has it; where both do, they have to agree. */
    private Member member(String id, Optional<HostPort> raft) {
        Optional<Member> inFile = inFile(id).map(Member::of);
        Member member = raft.map(address -> new Member(id, address))
                .or(() -> inFile)
                .orElseThrow(() -> new ProblemException(Problem.of(
                        Problem.Kind.NOT_FOUND,
                        "node '" + id + "' is not in the platform file of node " + control.node()
                                + ": name the address of its Raft server too")));
        inFile.filter(known -> !known.equals(member)).ifPresent(known -> {
            throw new ProblemException(Problem.of(
                    Problem.Kind.INVALID_REQUEST,
                    "node '" + id + "' was named with the address " + member.raft() + " of its Raft server; in the"
                            + " platform file of node " + control.node() + " it has " + known.raft()));
        });
        return member;
    }

    private Optional<Node> inFile(String id) {
        return platform.nodes().stream().filter(node -> node.id().equals(id)).findFirst();
    }

    private static ObjectNode changed(Optional<MemberChange> change, Optional<Member> joins, Optional<String> leaves) {
        if (change.isEmpty()) {
            throw new ControlRequests.UnavailableException(
                    new IllegalStateException("what came of the change of nodes is not known"));
        }
        String why = switch (change.get()) {
            case DONE -> "";
            case NOT_REACHED ->
                "node '" + joins.map(Member::id).orElse("") + "' does not answer at "
                        + joins.map(node -> node.raft().toString()).orElse("")
                        + ": start it there with --joins, and ask again";
            case NOT_YET ->
                "Raft keeps the nodes as they were so far: the one that joins has not caught up, or another change goes"
                        + " on. It may still be taken in: look at the status and at the leader's log before you ask"
                        + " again";
        };
        if (!why.isEmpty()) {
            throw new ProblemException(Problem.of(Problem.Kind.NODES_NOT_CHANGED, why));
        }
        return Json.MAPPER
                .createObjectNode()
                .put("joined", joins.map(Member::id).orElse(null))
                .put("left", leaves.orElse(null));
    }

    private Optional<String> regionOf(String node) {
        return inFile(node).flatMap(Node::region);
    }

    /** That it was allowed is in the log already: with no answer now, the outcome is told all the same. */
    private CompletionStage<Boolean> logged(String kind, ObjectNode detail, String outcome) {
        String said = outcome.toLowerCase(Locale.ROOT).replace('_', '-');
        ObjectNode ended = detail.deepCopy().put("outcome", said);
        return proposals
                .propose(new ControlEvent.EvidenceRecorded(entry(kind, ended)))
                .handle((logged, silence) -> silence == null);
    }

    private List<String> entry(String kind, ObjectNode detail) {
        return proposals.entries(kind, ControlEvent.ALL_GROUPS, Optional.empty(), detail);
    }

    private static ObjectNode answered(Outcome outcome, String from, String to, ObjectNode answer) {
        return switch (outcome) {
            case DONE -> answer;
            case REFUSED ->
                throw new ProblemException(Problem.of(
                        Problem.Kind.LEAD_NOT_TAKEN,
                        "node '" + to + "' did not take the lead in time: it is behind, or is not reached by '" + from
                                + "', which leads on; see its log and its status"));
            case UNKNOWN ->
                throw new ControlRequests.UnavailableException(
                        new IllegalStateException("whether the lead was handed to " + to + " is not known"));
        };
    }
}
