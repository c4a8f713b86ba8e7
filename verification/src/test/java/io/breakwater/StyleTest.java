package io.breakwater;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What no compiler checks, over all files of the project: see CONTRIBUTING.md. */
class StyleTest {

    private static final Path ROOT = Path.of(Objects.requireNonNull(System.getProperty("breakwater.root")));
    private static final int MAX_LINES = 500;
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern BANNED_NAME = Pattern.compile(".*(Util|Utils|Helper|Manager)\\.java");
    // Written so that this file does not find itself.
    private static final Pattern BANNED_IN_CODE = Pattern.compile(
            "TO[D]O|FIX[M]E|@Disable[d]\\b|import org[.]mockito|catch [(][^)]*[)] [{]\\s*[}]|\"/(wor[k]|tm[p]|roo[t])/");
    private static final Pattern SLEEP = Pattern.compile("Thread[.]slee[p]");

    private static final List<Path> FILES = new ArrayList<>();

    @BeforeAll
    static void findFiles() throws IOException {
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                String name = directory.getFileName().toString();
                boolean skipped = name.equals("target") || (name.startsWith(".") && !name.equals(".ci"));
                return skipped && !directory.equals(ROOT) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                FILES.add(file);
                return FileVisitResult.CONTINUE;
            }
        });
        assertThat(FILES).as("files below %s", ROOT).hasSizeGreaterThan(50);
    }

    @Test
    void filesAreShort() {
        assertThat(failing(".java", file -> lines(file) >= MAX_LINES)).isEmpty();
    }

    @Test
    void aClassIsNamedForWhatItIs() {
        assertThat(failing(".java", file -> BANNED_NAME.matcher(file.toString()).matches()))
                .isEmpty();
    }

    @Test
    void nothingIsLeftForLater() {
        assertThat(failing(".java", file -> BANNED_IN_CODE.matcher(read(file)).find()))
                .isEmpty();
    }

    @Test
    void testsWaitForWhatTheyWaitFor() {
        assertThat(failing(
                        ".java",
                        file -> file.toString().contains("/src/test/")
                                && SLEEP.matcher(read(file)).find()))
                .isEmpty();
    }

    @Test
    void everyPackageSaysWhatBelongsThere() {
        assertThat(failing(".java", file -> {
                    Path described = file.resolveSibling("package-info.java");
                    return file.toString().contains("/src/main/java/")
                            && (!Files.exists(described) || !read(described).contains("@NullMarked"));
                }))
                .isEmpty();
    }

    @Test
    void linksLeadSomewhere() {
        List<String> dead = new ArrayList<>();
        for (Path file : FILES) {
            if (file.toString().endsWith(".md")) {
                Matcher link = LINK.matcher(read(file));
                while (link.find()) {
                    String target = link.group(1).replaceFirst("#.*", "");
                    boolean elsewhere = target.isEmpty() || target.matches("[a-z]+:.*");
                    if (!elsewhere && !Files.exists(file.resolveSibling(target))) {
                        dead.add(ROOT.relativize(file) + " -> " + target);
                    }
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    private static List<Path> failing(String ending, Predicate<Path> fails) {
        return FILES.stream()
                .filter(file -> file.toString().endsWith(ending) && fails.test(file))
                .map(ROOT::relativize)
                .toList();
    }

    private static long lines(Path file) {
        return read(file).lines().count();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
