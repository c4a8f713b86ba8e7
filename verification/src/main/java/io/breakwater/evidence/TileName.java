package io.breakwater.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a file below {@code tile/}, as C2SP tlog-tiles writes it: {@code tile/<L>/<N>[.p/<W>]} for hashes and
 * {@code tile/entries/<N>[.p/<W>]} for entries. N is written in groups of three digits, all but the last with an
 * {@code x} before it: 1234067 is {@code x001/x234/067}.
 *
 * @param level of its hashes in units of eight tree levels, from 0; {@link #ENTRIES} for a bundle of entries
 * @param index which tile of its level, from 0
 * @param width how many hashes or entries it has, 1 to {@link #FULL}
 */
record TileName(int level, long index, int width) {

    static final int FULL = 256;
    static final int ENTRIES = -1;

    private static final Pattern PATH =
            Pattern.compile("tile/(entries|\\d{1,2})/((?:x\\d{3}/)*\\d{3})(?:\\.p/([1-9]\\d{0,2}))?");

    TileName {
        if (level < ENTRIES || index < 0 || width < 1 || width > FULL) {
            throw new IllegalArgumentException("level " + level + ", index " + index + ", width " + width);
        }
    }

    /** All files that a log of this size consists of, entries before hashes. */
    static List<TileName> of(long size) {
        List<TileName> names = new ArrayList<>();
        addLevel(ENTRIES, size, names);
        long count = size;
        for (int level = 0; count > 0; level++) {
            addLevel(level, count, names);
            count /= FULL;
        }
        return names;
    }

    /** The files of {@link #of} that are not full: they give way to others as the log grows. */
    static List<TileName> partialOf(long size) {
        List<TileName> names = new ArrayList<>();
        addPartial(ENTRIES, size, names);
        long count = size;
        for (int level = 0; count > 0; level++) {
            addPartial(level, count, names);
            count /= FULL;
        }
        return names;
    }

    private static void addLevel(int level, long count, List<TileName> names) {
        for (long index = 0; index < count / FULL; index++) {
            names.add(new TileName(level, index, FULL));
        }
        addPartial(level, count, names);
    }

    private static void addPartial(int level, long count, List<TileName> names) {
        int rest = (int) (count % FULL);
        if (rest > 0) {
            names.add(new TileName(level, count / FULL, rest));
        }
    }

    /** @return empty if it is no name of a tile */
    static Optional<TileName> parse(String path) {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String digits = matcher.group(2).replaceAll("[x/]", "");
        int width = matcher.group(3) == null ? FULL : Integer.parseInt(matcher.group(3));
        if (digits.length() > 18 || (matcher.group(3) != null && width >= FULL)) {
            return Optional.empty();
        }
        int level = matcher.group(1).equals("entries") ? ENTRIES : Integer.parseInt(matcher.group(1));
        TileName name = new TileName(level, Long.parseLong(digits), width);
        return name.path().equals(path) ? Optional.of(name) : Optional.empty();
    }

    boolean partial() {
        return width < FULL;
    }

    TileName withWidth(int other) {
        return new TileName(level, index, other);
    }

    /** Whether all of it lies within a log of this size. */
    boolean within(long size) {
        long count = level == ENTRIES ? size : size >> (8 * level);
        return index * FULL + width <= count;
    }

    String path() {
        StringBuilder path = new StringBuilder(String.format(Locale.ROOT, "%03d", index % 1000));
        for (long rest = index / 1000; rest > 0; rest /= 1000) {
            path.insert(0, String.format(Locale.ROOT, "x%03d/", rest % 1000));
        }
        path.insert(0, level == ENTRIES ? "tile/entries/" : "tile/" + level + "/");
        return partial() ? path.append(".p/").append(width).toString() : path.toString();
    }

    @Override
    public String toString() {
        return path();
    }
}
