// Verifies an evidence log with the implementation of Go's own checksum database, which shares nothing with ours:
// signature, every entry against the tiles, the root, inclusion of entries, and that earlier sizes are its beginnings.
//
//	go run audit.go DIRECTORY VKEY-FILE
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Tiles read from a directory; Go's own paths name the height, tlog-tiles fixes it to 8.
type tiles struct{ dir string }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		path := filepath.Join(t.dir, "tile", strings.TrimPrefix(tile.Path(), "tile/8/"))
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes for %d hashes", path, len(data), tile.W)
		}
		all = append(all, data)
	}
	return all, nil
}

func check(err error) {
	if err != nil {
		fmt.Println("NOT VERIFIED:", err)
		os.Exit(1)
	}
}

func entries(dir string, size int64) (found [][]byte) {
	for from := int64(0); from < size; from += 256 {
		width := size - from
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: -1, N: from / 256, W: int(width)}
		path := filepath.Join(dir, "tile", strings.Replace(strings.TrimPrefix(tile.Path(), "tile/8/"), "data", "entries", 1))
		data, err := os.ReadFile(path)
		check(err)
		for i := int64(0); i < width; i++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				check(fmt.Errorf("%s ends within entry %d", path, i))
			}
			length := int(binary.BigEndian.Uint16(data))
			found = append(found, data[2:2+length])
			data = data[2+length:]
		}
		if len(data) > 0 {
			check(fmt.Errorf("%s has %d bytes too many", path, len(data)))
		}
	}
	return found
}

func main() {
	dir := os.Args[1]
	vkey, err := os.ReadFile(os.Args[2])
	check(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	check(err)
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		check(fmt.Errorf("checkpoint text %q", opened.Text))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)

	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{dir})
	all := entries(dir, size)
	for from := 0; from < len(all); from += 256 {
		var indexes []int64
		for i := from; i < from+256 && i < len(all); i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, int64(i)))
		}
		hashes, err := reader.ReadHashes(indexes)
		check(err)
		for i, hash := range hashes {
			if hash != tlog.RecordHash(all[from+i]) {
				check(fmt.Errorf("entry %d is not what the tiles say", from+i))
			}
		}
	}
	computed, err := tlog.TreeHash(size, reader)
	check(err)
	if computed != root {
		check(fmt.Errorf("root %s, signed is %s", computed, root))
	}
	for _, i := range []int64{0, size / 3, size / 2, size - 1} {
		proof, err := tlog.ProveRecord(size, i, reader)
		check(err)
		check(tlog.CheckRecord(proof, size, root, i, tlog.RecordHash(all[i])))
	}
	for _, n := range []int64{1, size/3 + 1, size} {
		older, err := tlog.TreeHash(n, reader)
		check(err)
		proof, err := tlog.ProveTree(size, n, reader)
		check(err)
		check(tlog.CheckTree(proof, size, root, n, older))
	}
	fmt.Printf("VERIFIED %d %s\n", size, root)
}
