package io.breakwater.controller.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.api.RunningApi;
import io.breakwater.controller.consensus.Member;
import io.breakwater.controller.consensus.MemberChange;
import io.breakwater.controller.consensus.RaftHealth;
import io.breakwater.controller.core.FenceState;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands against a real API. */
class CommandsTest {

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private RunningApi api;

    @BeforeEach
    void start() throws Exception {
        api = RunningApi.in(directory);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void statusShowsGroupsAndRegions() {
        int code = run(StatusCommand.commandLine(), "--controller", url());

        assertThat(out.toString())
                .contains("node west, leader witness")
                .containsPattern("flights +east +west +1 +automatic +open +open +unknown +NO +-")
                .contains("flights is not ready: there is no fresh report")
                .containsPattern("west +UNKNOWN +none +kafka-metadata DOWN \\(no broker answers\\)");
        assertThat(code).isEqualTo(1);
    }

    @Test
    void statusSaysWhyTheNodeTakesNoPartInConsensus() {
        api.say(new RaftHealth.Stopped(
                RaftHealth.Cause.DISK_FULL, Instant.EPOCH, "the disk has 7 bytes left", "free some"));

        run(StatusCommand.commandLine(), "--controller", url());

        assertThat(out.toString())
                .contains("This node takes no part in consensus since 1970-01-01T00:00:00Z (disk-full): "
                        + "the disk has 7 bytes left. Remedy: free some.");
    }

    @Test
    void statusSaysThatACloseByAclsIsNotConfirmed() {
        api.closeByAcls("west", Optional.of(FenceState.notConfirmed("broker 2 lets the probe in")));

        run(StatusCommand.commandLine(), "--controller", url());

        assertThat(out.toString()).contains("flights: west is NOT known to be closed: broker 2 lets the probe in");
    }

    @Test
    void statusForProgramsIsTheApisAnswer() throws Exception {
        run(StatusCommand.commandLine(), "--controller", url(), "--json");

        JsonNode status = Json.MAPPER.readTree(out.toString());
        assertThat(status.at("/groups/flights/active").asText()).isEqualTo("east");
    }

    @Test
    void whySaysWhoSeesWhatAndWhichRulesHold() {
        int code = run(StatusCommand.commandLine(), "--controller", url(), "--why", "west");

        assertThat(out.toString())
                .startsWith("west is UNKNOWN: 3 of 3 observers say so, and no majority says UP or DOWN.\n")
                .contains("Observer east says UNKNOWN, because it has never voted\n  it does not answer now")
                .contains("Observer west says UNKNOWN, because it has never voted\n"
                        + "  kafka-metadata is DOWN since 2026-11-22T03:00:00Z")
                .contains(": no broker answers\n")
                .contains("No group is active in west: nothing follows from this.");
        assertThat(code).isEqualTo(1);
    }

    @Test
    void whyOfARegionThatIsNotThereIsSaidInOneLine() {
        int code = run(StatusCommand.commandLine(), "--controller", url(), "--why", "north");

        assertThat(err.toString()).contains("answers 404").contains("there is no region 'north'");
        assertThat(code).isEqualTo(2);
    }

    @Test
    void aReadinessDrillSaysWhatFailed() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), RunningApi.TOKEN);

        int code = run(
                DrillCommand.commandLine(),
                "readiness",
                "--group",
                "flights",
                "--controller",
                url(),
                "--token-file",
                token.toString());

        assertThat(out.toString())
                .containsPattern("leader +yes +node witness leads")
                .containsPattern("standby-kafka-metadata +NO +kafka-metadata of west is DOWN: no broker answers")
                .contains("RTO  unknown (unknown: no failover of this group has been routed yet")
                .contains("NOT READY");
        assertThat(code).isEqualTo(1);
    }

    @Test
    void aWrongTokenIsSaidInOneLine() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "wrong");

        int code = run(
                DrillCommand.commandLine(),
                "readiness",
                "--group=flights",
                "--controller=" + url(),
                "--token-file=" + token);

        assertThat(err.toString().lines()).singleElement().asString().contains("answers 401");
        assertThat(code).isEqualTo(2);
    }

    @Test
    void aFreezeIsShownAndLiftedAgain() throws Exception {
        assertThat(person(FreezeCommand.commandLine())).isZero();
        assertThat(person(FreezeCommand.commandLine(), "--group", "flights")).isZero();
        JsonNode frozen = status();

        person(FreezeCommand.commandLine(), "--off");
        person(FreezeCommand.commandLine(), "--group", "flights", "--off");

        assertThat(out.toString()).contains("all groups: automatic failovers are frozen", "group flights: ");
        assertThat(frozen.path("frozen").asBoolean()).isTrue();
        assertThat(frozen.at("/groups/flights/frozen").asBoolean()).isTrue();
        assertThat(status().path("frozen").asBoolean()).isFalse();
        assertThat(status().at("/groups/flights/frozen").asBoolean()).isFalse();
        assertThat(status().path("evidence").asInt()).isEqualTo(4);
    }

    @Test
    void aCoolDownIsAcknowledgedOfAGroupThatIsThere() throws Exception {
        assertThat(person(AcknowledgeCommand.commandLine(), "--group", "flights"))
                .isZero();
        assertThat(person(AcknowledgeCommand.commandLine(), "--group", "trains"))
                .isEqualTo(2);

        assertThat(err.toString()).contains("breakwater acknowledge: ").contains("answers 404");
    }

    @Test
    void whatNobodyAskedForIsNotApproved() throws Exception {
        assertThat(person(ApproveCommand.commandLine(), "manual-1")).isEqualTo(2);
        assertThat(person(ApproveCommand.commandLine(), "manual-1", "--step", "look"))
                .isEqualTo(2);

        assertThat(err.toString()).contains("there is no operation 'manual-1'");
    }

    @Test
    void theLeadGoesToANodeThatIsHeardFromOutsideTheActiveRegions() throws Exception {
        api.voteUp("east", "west", "witness");

        int code = person(NodesCommand.commandLine(), "transfer-lead", "west");

        assertThat(out.toString()).isEqualTo("node west leads; before: witness\n");
        assertThat(code).isZero();
        assertThat(status().path("evidence").asInt()).isEqualTo(2);
    }

    @Test
    void whyTheLeadDoesNotGoThereIsSaidInOneLine() throws Exception {
        api.voteUp("east");

        assertThat(person(NodesCommand.commandLine(), "transfer-lead", "east")).isEqualTo(2);
        assertThat(person(NodesCommand.commandLine(), "transfer-lead", "west")).isEqualTo(2);
        api.voteUp("west");
        api.takeLead(false);
        assertThat(person(NodesCommand.commandLine(), "transfer-lead", "west")).isEqualTo(2);

        assertThat(err.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("answers 409", "'east' stands in the active region east"),
                        line -> assertThat(line).contains("answers 409", "'west' has not voted lately"),
                        line -> assertThat(line).contains("answers 503", "'west' did not take the lead"));
    }

    @Test
    void aNodeIsTakenInAndThatIsLogged() throws Exception {
        api.members("east", "west");
        api.voteUp("east", "west");

        int code = person(NodesCommand.commandLine(), "add", "witness");

        assertThat(out.toString()).isEqualTo("node witness votes\n");
        assertThat(code).isZero();
        assertThat(status().path("evidence").asInt()).isEqualTo(2);
    }

    @Test
    void aNodeThatNoPlatformFileHasYetTakesAnothersPlace() throws Exception {
        api.members("east", "west", "witness-1");
        api.voteUp("east", "west");

        int code = person(NodesCommand.commandLine(), "replace", "witness-1", "north", "--raft", "10.0.0.9:9870");

        assertThat(out.toString()).isEqualTo("node north votes, node witness-1 has no vote\n");
        assertThat(code).isZero();
        assertThat(api.joined()).contains(new Member("north", HostPort.parse("10.0.0.9:9870")));
    }

    @Test
    void whyTheNodesAreNotChangedIsSaidInOneLine() throws Exception {
        api.voteUp("east", "west", "witness");
        assertThat(person(NodesCommand.commandLine(), "remove", "east")).isEqualTo(2);
        assertThat(person(NodesCommand.commandLine(), "replace", "witness", "north"))
                .isEqualTo(2);
        assertThat(person(NodesCommand.commandLine(), "remove", "witness")).isEqualTo(2);
        api.members("east", "west");
        assertThat(person(NodesCommand.commandLine(), "add", "witness", "--raft", "10.0.0.9:9870"))
                .isEqualTo(2);
        assertThat(person(NodesCommand.commandLine(), "add", "north", "--raft", "10.0.0.9"))
                .isEqualTo(2);
        api.changeMembers(MemberChange.NOT_REACHED);
        assertThat(person(NodesCommand.commandLine(), "add", "witness")).isEqualTo(2);
        api.changeMembers(MemberChange.NOT_YET);
        assertThat(person(NodesCommand.commandLine(), "add", "witness")).isEqualTo(2);

        assertThat(err.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("answers 409", "needs three nodes, there are 2 (rule 3)"),
                        line -> assertThat(line).contains("answers 404", "'north' is not in the platform file of node"),
                        line -> assertThat(line).contains("answers 409", "'witness' leads: hand the lead to another"),
                        line -> assertThat(line).contains("answers 400", "in the platform file of node west it has"),
                        line -> assertThat(line).contains("answers 400", "'10.0.0.9': expected host:port"),
                        line -> assertThat(line).contains("answers 503", "'witness' does not answer at 127.0.0.1:1005"),
                        line -> assertThat(line).contains("answers 503", "Raft keeps the nodes as they were"));
    }

    private JsonNode status() throws Exception {
        return new ControllerClient(api.url("")).get("/v1/status");
    }

    private int person(CommandLine command, String... more) throws Exception {
        Path token = Files.writeString(directory.resolve("token"), RunningApi.TOKEN);
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.addAll(
                List.of("--controller", url(), "--token-file", token.toString(), "--by", "ada", "--reason", "storm"));
        return run(command, arguments.toArray(String[]::new));
    }

    @Test
    void noControllerIsSaidInOneLine() {
        int code = run(StatusCommand.commandLine(), "--controller", "http://127.0.0.1:1");

        assertThat(err.toString().lines())
                .singleElement()
                .isEqualTo(
                        "breakwater status: the controller at http://127.0.0.1:1 does not answer: is it running there?");
        assertThat(code).isEqualTo(2);
    }

    private String url() {
        return api.url("").toString();
    }

    private int run(CommandLine command, String... arguments) {
        return command.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
