package io.breakwater.local.process;

import java.io.PrintStream;
import java.util.Locale;

/** Where a person sees what is going on. Implementations are thread-safe. */
@FunctionalInterface
public interface Progress {

    void line(String text);

    /** Lines with the seconds since this call in front. */
    static Progress to(PrintStream out) {
        long began = System.nanoTime();
        return text -> {
            out.println(String.format(Locale.ROOT, "[%6.1f s] %s", (System.nanoTime() - began) / 1e9, text));
            out.flush();
        };
    }
}
