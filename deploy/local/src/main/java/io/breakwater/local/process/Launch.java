package io.breakwater.local.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What is needed to start a process.
 *
 * @param name as the progress lines show it, for example {@code kafka-east}
 * @param command program and arguments
 * @param environment added to this process's own
 * @param directory its working directory
 * @param log the file that takes its output, appended
 */
public record Launch(String name, List<String> command, Map<String, String> environment, Path directory, Path log) {

    /** For a small server: little memory, quick to start, the peak of its speed given up for both. */
    private static final List<String> SMALL_JVM =
            List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=64m", "-Xss512k");

    public Launch {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /**
     * A Java program on the Java that runs this.
     *
     * @param classPath handed over in the environment, so that the command line stays readable
     */
    public static Launch java(
            String name, String classPath, List<String> options, List<String> program, Path directory, Path log) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(SMALL_JVM);
        command.addAll(options);
        command.addAll(program);
        return new Launch(name, command, Map.of("CLASSPATH", classPath), directory, log);
    }

    /** Options of {@link #java} for a program that starts its JVM itself. */
    public static String smallJvm(String heap) {
        return "-Xmx" + heap + " " + String.join(" ", SMALL_JVM);
    }

    public Launch withEnvironment(Map<String, String> more) {
        Map<String, String> all = new java.util.HashMap<>(environment);
        all.putAll(more);
        return new Launch(name, command, all, directory, log);
    }
}
