package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file directly in the {@code _delta_log} folder of a table, told by its name. Source of the names: Delta's
 * PROTOCOL.md, "File types".
 *
 * @param version the table version that it belongs to; of a compaction its first one
 * @param part which part of a multi-part checkpoint, from 1; else 1
 * @param parts how many parts that checkpoint has; else 1
 */
public record LogFile(Kind kind, long version, int part, int parts, ObjectInfo info) {

    /** What a log file is. */
    public enum Kind {
        COMMIT,
        CHECKSUM,
        /** A checkpoint or a part of one; a V2 checkpoint's file is its manifest. */
        CHECKPOINT,
        COMPACTION
    }

    private static final Pattern NAME = Pattern.compile(
            "(\\d{20})\\.(?:"
                    + "(?<commit>json)|(?<checksum>crc)|(?<compaction>\\d{20}\\.compacted\\.json)"
                    + "|checkpoint\\.(?:(?<part>\\d{10})\\.(?<parts>\\d{10})\\.parquet|(?<checkpoint>parquet|[0-9a-f-]{36}\\.(?:parquet|json))))");

    /** @return empty if the name is none of a log file: left-overs of writers are no part of a table */
    static Optional<LogFile> of(ObjectInfo info) {
        String key = info.uri().key();
        Matcher name = NAME.matcher(key.substring(key.lastIndexOf('/') + 1));
        if (!name.matches()) {
            return Optional.empty();
        }
        long version = Long.parseLong(name.group(1));
        if (name.group("part") != null) {
            return Optional.of(new LogFile(
                    Kind.CHECKPOINT,
                    version,
                    Integer.parseInt(name.group("part")),
                    Integer.parseInt(name.group("parts")),
                    info));
        }
        return Optional.of(new LogFile(kind(name), version, 1, 1, info));
    }

    private static Kind kind(Matcher name) {
        if (name.group("commit") != null) {
            return Kind.COMMIT;
        }
        if (name.group("checksum") != null) {
            return Kind.CHECKSUM;
        }
        return name.group("compaction") != null ? Kind.COMPACTION : Kind.CHECKPOINT;
    }

    /** The last version that it belongs to: another one than the first only for a compaction. */
    public long lastVersion() {
        return kind == Kind.COMPACTION ? Long.parseLong(name().substring(21, 41)) : version;
    }

    /** The name without folders. */
    public String name() {
        return info.uri().key().substring(info.uri().key().lastIndexOf('/') + 1);
    }
}
