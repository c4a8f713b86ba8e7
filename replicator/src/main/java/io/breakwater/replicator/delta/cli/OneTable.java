package io.breakwater.replicator.delta.cli;

import io.breakwater.replicator.copy.cli.StoreOptions;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** A table, and which of its versions, as the command line says it. */
final class OneTable {

    @Parameters(
            index = "0",
            paramLabel = "TARGET",
            description = "The table: s3://bucket/path, file:///path or a path.")
    private String table = "";

    @Option(names = "--version", description = "Of the table's log.")
    private @Nullable Long version;

    @Option(
            names = "--time",
            converter = Time.class,
            description = "Such as 2026-11-22T18:00:00Z; without an offset it is UTC. What stood at the source at that"
                    + " time, as a mirror has noted it; of a table that is no replica, what stood there itself.")
    private @Nullable Instant time;

    @Mixin
    private StoreOptions stores = new StoreOptions();

    TablePlace place() {
        return TablePlace.of(table, stores::target, TablePair.TARGET_FOLDER);
    }

    StoreOptions stores() {
        return stores;
    }

    @Nullable
    Long version() {
        return version;
    }

    @Nullable
    Instant time() {
        return time;
    }

    static final class Time implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeParseException withoutOffset) {
                try {
                    return LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
                } catch (DateTimeParseException e) {
                    throw new TypeConversionException(
                            "'" + text + "': expected a time such as 2026-11-22T18:00:00Z or 2026-11-22T18:00");
                }
            }
        }
    }
}
