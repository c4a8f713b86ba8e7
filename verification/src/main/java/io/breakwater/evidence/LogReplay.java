package io.breakwater.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads every entry of a log, builds the tree anew from them, and holds every file of the log against it: also those
 * that newer ones have replaced and left behind. Trusts nothing but the entries; whether these are the ones that were
 * signed, the roots tell. Used once; not thread-safe.
 */
final class LogReplay {

    private static final int MAX_FAILURES = 100;

    /** Files of one place in the log: a full one, or several partial ones of different widths. */
    private record Place(int level, long index) {
        static Place of(TileName name) {
            return new Place(name.level(), name.index());
        }
    }

    private final LogFiles files;
    private final long size;
    private final EntryVisitor visitor;
    private final TreeSet<Long> rootsWanted;
    private final Map<Place, List<TileName>> present;
    private final SortedMap<Long, MerkleHash> roots = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private final MerkleTree tree = new MerkleTree();
    private List<byte[]> lastBundle = List.of();
    private int bundles;
    private int tiles;
    private int beyond;

    /** Sees each entry once, in their order. */
    interface EntryVisitor {

        /** @param index of the entry, from 0 on */
        void visit(long index, byte[] entry);
    }

    /** @param rootsWanted sizes whose roots are asked for, none above {@code size} */
    LogReplay(LogFiles files, long size, Collection<Long> rootsWanted) {
        this(files, size, rootsWanted, (index, entry) -> {});
    }

    LogReplay(LogFiles files, long size, Collection<Long> rootsWanted, EntryVisitor visitor) {
        this.files = files;
        this.size = size;
        this.visitor = visitor;
        this.rootsWanted = new TreeSet<>(rootsWanted);
        List<TileName> within = new ArrayList<>();
        for (String path : files.list()) {
            if (path.startsWith(LogFiles.TILES)) {
                Optional<TileName> name = TileName.parse(path);
                if (name.isEmpty()) {
                    fail(path, "is no file of a log");
                } else if (name.get().within(size)) {
                    within.add(name.get());
                } else {
                    beyond++;
                }
            }
        }
        this.present = within.stream().collect(Collectors.groupingBy(Place::of));
        run();
    }

    private void run() {
        for (TileName needed : TileName.of(size)) {
            if (!present.getOrDefault(Place.of(needed), List.of()).contains(needed)) {
                fail(needed.path(), "is missing");
            }
        }
        takeRoot();
        for (long from = 0; from < size; from += TileName.FULL) {
            int width = (int) Math.min(TileName.FULL, size - from);
            if (!readBundle(new TileName(TileName.ENTRIES, from / TileName.FULL, width))) {
                return;
            }
        }
        for (TileName name : TileName.partialOf(size)) {
            if (name.level() != TileName.ENTRIES) {
                compare(name, tree.partialTile(name), MerkleHash.BYTES);
            }
        }
    }

    private boolean readBundle(TileName name) {
        Optional<byte[]> bytes = files.read(name.path());
        if (bytes.isEmpty()) {
            return false;
        }
        List<byte[]> entries;
        try {
            entries = EntryBundle.decode(bytes.get(), name.width());
        } catch (IllegalArgumentException e) {
            fail(name.path(), e.getMessage() + "; nothing after it could be checked");
            return false;
        }
        compareBundles(name, entries);
        for (byte[] entry : entries) {
            visitor.visit(tree.size(), entry);
            tree.append(entry, (tile, hashes) -> compare(tile, hashes, MerkleHash.BYTES));
            takeRoot();
        }
        lastBundle = name.partial() ? entries : List.of();
        return true;
    }

    private void takeRoot() {
        if (rootsWanted.contains(tree.size())) {
            roots.put(tree.size(), tree.root());
        }
    }

    private void compareBundles(TileName place, List<byte[]> entries) {
        for (TileName name : present.getOrDefault(Place.of(place), List.of())) {
            bundles++;
            byte[] expected = EntryBundle.encode(entries.subList(0, name.width()));
            if (!Arrays.equals(files.read(name.path()).orElse(null), expected)) {
                fail(name.path(), "has other entries than " + place.path());
            }
        }
    }

    private void compare(TileName place, byte[] hashes, int hashBytes) {
        for (TileName name : present.getOrDefault(Place.of(place), List.of())) {
            tiles++;
            byte[] expected = Arrays.copyOf(hashes, name.width() * hashBytes);
            if (!Arrays.equals(files.read(name.path()).orElse(null), expected)) {
                fail(name.path(), "has other hashes than follow from the entries");
            }
        }
    }

    private void fail(String path, String what) {
        if (failures.size() < MAX_FAILURES) {
            failures.add(path + ": " + what);
        } else if (failures.size() == MAX_FAILURES) {
            failures.add("and more");
        }
    }

    /** One line for each thing that is wrong, each beginning with the file's path; at most about 100. */
    List<String> failures() {
        return failures;
    }

    /** The root at one of the sizes asked for; empty if the entries could not be read so far. */
    Optional<MerkleHash> root(long atSize) {
        return Optional.ofNullable(roots.get(atSize));
    }

    MerkleTree tree() {
        return tree;
    }

    /** The entries of the last bundle, if it is not full. */
    List<byte[]> lastBundle() {
        return lastBundle;
    }

    int bundles() {
        return bundles;
    }

    int tiles() {
        return tiles;
    }

    /** Files of a larger log: those of entries that no checkpoint covers yet. */
    int beyond() {
        return beyond;
    }
}
