package io.breakwater.replicator.delta.cli;

import io.breakwater.replicator.copy.cli.StoreOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A table and its replica, and how their stores are reached, as the command line says it. */
final class TablePair {

    static final String SOURCE_FOLDER = "source-folder";
    static final String TARGET_FOLDER = "target-folder";

    @Parameters(
            index = "0",
            paramLabel = "SOURCE",
            description = "The table: s3://bucket/path, file:///path or a path.")
    private String source = "";

    @Parameters(index = "1", paramLabel = "TARGET", description = "Its replica, in the same ways.")
    private String target = "";

    @Mixin
    private StoreOptions stores = new StoreOptions();

    TablePlace source() {
        return TablePlace.of(source, stores::source, SOURCE_FOLDER);
    }

    TablePlace target() {
        return TablePlace.of(target, stores::target, TARGET_FOLDER);
    }
}
