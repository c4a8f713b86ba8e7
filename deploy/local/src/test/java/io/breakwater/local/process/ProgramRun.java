package io.breakwater.local.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that was run to its end, as a user would from a shell.
 *
 * @param output standard output and standard error
 */
public record ProgramRun(int exitCode, String output) {

    private static final long LIMIT_SECONDS = 120;

    /**
     * @param directory its working directory
     * @throws AssertionError if it does not end in time
     */
    public static ProgramRun of(Path directory, Map<String, String> environment, Path program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("program", ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("BREAKWATER_OPTS", Launch.smallJvm("1g"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError(command + " did not end within " + LIMIT_SECONDS + " s: "
                        + Files.readString(output, StandardCharsets.UTF_8));
            }
            return new ProgramRun(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }
}
