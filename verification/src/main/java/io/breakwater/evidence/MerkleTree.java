package io.breakwater.evidence;

import java.util.ArrayList;
import java.util.List;

/**
 * The right edge of a growing log's tree, in memory: for each tile level the hashes of its last, not yet full tile.
 * Whatever is left of the edge is final and is handed out once, as a full tile. Not thread-safe.
 */
final class MerkleTree {

    /** Takes each tile at the moment when it is full: lower levels first. */
    interface TileSink {
        void full(TileName name, byte[] hashes);
    }

    private static final class Level {
        private final List<MerkleHash> tail = new ArrayList<>();
        private long fullTiles;
    }

    private final List<Level> levels = new ArrayList<>();
    private long size;

    void append(byte[] entry, TileSink sink) {
        push(0, MerkleHash.leaf(entry), sink);
        size++;
    }

    private void push(int number, MerkleHash hash, TileSink sink) {
        if (levels.size() == number) {
            levels.add(new Level());
        }
        Level level = levels.get(number);
        level.tail.add(hash);
        if (level.tail.size() == TileName.FULL) {
            sink.full(new TileName(number, level.fullTiles, TileName.FULL), bytes(level.tail));
            MerkleHash root = perfect(level.tail, 0, TileName.FULL);
            level.tail.clear();
            level.fullTiles++;
            push(number + 1, root, sink);
        }
    }

    long size() {
        return size;
    }

    MerkleHash root() {
        if (size == 0) {
            return MerkleHash.EMPTY;
        }
        List<MerkleHash> perfectFromLeft = new ArrayList<>();
        for (int number = levels.size() - 1; number >= 0; number--) {
            List<MerkleHash> tail = levels.get(number).tail;
            int at = 0;
            for (int width = TileName.FULL / 2; width > 0; width /= 2) {
                if ((tail.size() & width) != 0) {
                    perfectFromLeft.add(perfect(tail, at, width));
                    at += width;
                }
            }
        }
        MerkleHash root = perfectFromLeft.get(perfectFromLeft.size() - 1);
        for (int i = perfectFromLeft.size() - 2; i >= 0; i--) {
            root = MerkleHash.node(perfectFromLeft.get(i), root);
        }
        return root;
    }

    /** The hashes of a tile of the right edge. */
    byte[] partialTile(TileName name) {
        Level level = levels.get(name.level());
        if (level.fullTiles != name.index() || level.tail.size() != name.width()) {
            throw new IllegalArgumentException(name + " is not on the right edge of a log of size " + size);
        }
        return bytes(level.tail);
    }

    private static MerkleHash perfect(List<MerkleHash> hashes, int from, int count) {
        if (count == 1) {
            return hashes.get(from);
        }
        int half = count / 2;
        return MerkleHash.node(perfect(hashes, from, half), perfect(hashes, from + half, half));
    }

    private static byte[] bytes(List<MerkleHash> hashes) {
        byte[] bytes = new byte[hashes.size() * MerkleHash.BYTES];
        for (int i = 0; i < hashes.size(); i++) {
            hashes.get(i).copyTo(bytes, i * MerkleHash.BYTES);
        }
        return bytes;
    }
}
