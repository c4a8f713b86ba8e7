package io.breakwater.local.quickstart;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code result.json}: the figures of a quickstart, for programs. Numbers are JSON numbers, truths JSON booleans. */
final class ResultFile {

    private ResultFile() {}

    /** @param root the paths in it are relative to this */
    static void write(
            Path file,
            Path root,
            Timeline timeline,
            Figures figures,
            EvidenceCopy.Audited audited,
            EvidenceCopy evidence,
            List<Check> checks) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.set("timeline", Json.MAPPER.valueToTree(timeline.seconds()));
        result.put("rto_seconds", figures.rtoSeconds());
        result.putObject("evidence")
                .put("size", audited.size())
                .put("root", audited.root())
                .put("verified", audited.verified())
                .put("directory", relative(root, evidence.directory()))
                .put("vkey_file", relative(root, evidence.vkeyFile()));
        result.put("memory_mb", figures.memoryMegabytes());
        result.set("checks", Json.MAPPER.valueToTree(checks));
        try {
            Files.writeString(file, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(result) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String relative(Path root, Path path) {
        return root.relativize(path).toString();
    }
}
