package io.breakwater.local.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The line of a log that most likely says why a process ended. */
final class LastError {

    private static final int TAIL_BYTES = 64 * 1024;
    private static final int LONGEST = 300;
    private static final Pattern ERROR = Pattern.compile(
            "^breakwater[ a-z]*: |Caused by: |\\b(ERROR|FATAL)\\b|^Error|^Exception in|^\\S+(Exception|Error): ");
    private static final Pattern STACK_FRAME = Pattern.compile("^\\s+at .*|^\\s*\\.\\.\\. \\d+ more.*");

    private LastError() {}

    static String of(Path log) {
        List<String> lines = tail(log);
        String found = "";
        for (String line : lines) {
            boolean candidate = !line.isBlank() && !STACK_FRAME.matcher(line).matches();
            if (candidate
                    && (ERROR.matcher(line).find() || !ERROR.matcher(found).find())) {
                found = line.strip();
            }
        }
        if (found.isEmpty()) {
            return "none, the log is empty";
        }
        return found.length() > LONGEST ? found.substring(0, LONGEST) + "..." : found;
    }

    private static List<String> tail(Path log) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(Math.max(0, file.length() - TAIL_BYTES));
            byte[] bytes = new byte[(int) Math.min(TAIL_BYTES, file.length() - file.getFilePointer())];
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            return List.of("the log cannot be read: " + e.getMessage());
        }
    }
}
