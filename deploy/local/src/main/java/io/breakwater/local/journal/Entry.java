package io.breakwater.local.journal;

import io.breakwater.platform.PartitionKey;

/** A line of a journal: cells joined by commas, which no cell contains. Times are milliseconds since 1970. */
public sealed interface Entry {

    /** The journals, one a file. */
    enum Kind {
        ACKNOWLEDGED("acknowledged.csv"),
        PROCESSED("processed.csv"),
        COMMITTED("committed.csv"),
        STARTED("started.csv"),
        TABLE_COMMIT("table-commits.csv"),
        JOB_CHECKPOINT("job-checkpoints.csv");

        private final String file;

        Kind(String file) {
            this.file = file;
        }

        String file() {
            return file;
        }

        Entry parse(String line) {
            String[] cells = line.split(",", -1);
            return switch (this) {
                case ACKNOWLEDGED -> Acknowledged.parse(cells);
                case PROCESSED -> Processed.parse(cells);
                case COMMITTED -> Committed.parse(cells);
                case STARTED -> Started.parse(cells);
                case TABLE_COMMIT -> TableCommit.parse(cells);
                case JOB_CHECKPOINT -> JobCheckpoint.parse(cells);
            };
        }
    }

    Kind kind();

    String toLine();

    /** A broker acknowledged an event to the producer. */
    record Acknowledged(String region, long id, PartitionKey partition, long offset, long producedAt, long at)
            implements Entry {

        static Acknowledged parse(String[] cells) {
            return new Acknowledged(
                    cells[0],
                    Long.parseLong(cells[1]),
                    PartitionKey.parse(cells[2]),
                    Long.parseLong(cells[3]),
                    Long.parseLong(cells[4]),
                    Long.parseLong(cells[5]));
        }

        @Override
        public Kind kind() {
            return Kind.ACKNOWLEDGED;
        }

        @Override
        public String toLine() {
            return line(region, id, partition, offset, producedAt, at);
        }
    }

    /** The consumer group processed an event. */
    record Processed(String region, long id, PartitionKey partition, long offset, long at) implements Entry {

        static Processed parse(String[] cells) {
            return new Processed(
                    cells[0],
                    Long.parseLong(cells[1]),
                    PartitionKey.parse(cells[2]),
                    Long.parseLong(cells[3]),
                    Long.parseLong(cells[4]));
        }

        @Override
        public Kind kind() {
            return Kind.PROCESSED;
        }

        @Override
        public String toLine() {
            return line(region, id, partition, offset, at);
        }
    }

    /** A broker acknowledged a commit of the consumer group. */
    record Committed(String region, PartitionKey partition, long position, long at) implements Entry {

        static Committed parse(String[] cells) {
            return new Committed(
                    cells[0], PartitionKey.parse(cells[1]), Long.parseLong(cells[2]), Long.parseLong(cells[3]));
        }

        @Override
        public Kind kind() {
            return Kind.COMMITTED;
        }

        @Override
        public String toLine() {
            return line(region, partition, position, at);
        }
    }

    /** The consumer group began a partition at this position, as it found it in the region. */
    record Started(String region, PartitionKey partition, long position, long at) implements Entry {

        static Started parse(String[] cells) {
            return new Started(
                    cells[0], PartitionKey.parse(cells[1]), Long.parseLong(cells[2]), Long.parseLong(cells[3]));
        }

        @Override
        public Kind kind() {
            return Kind.STARTED;
        }

        @Override
        public String toLine() {
            return line(region, partition, position, at);
        }
    }

    /** The archiver committed a version of the table. */
    record TableCommit(String region, long version, long rows, long at) implements Entry {

        static TableCommit parse(String[] cells) {
            return new TableCommit(
                    cells[0], Long.parseLong(cells[1]), Long.parseLong(cells[2]), Long.parseLong(cells[3]));
        }

        @Override
        public Kind kind() {
            return Kind.TABLE_COMMIT;
        }

        @Override
        public String toLine() {
            return line(region, version, rows, at);
        }
    }

    /**
     * The first completed checkpoint of a job that was seen.
     *
     * @param restoredFrom the location that the job was restored from; empty if it began afresh
     * @param at when Flink triggered that checkpoint
     * @param seenAt when it was seen to be complete
     */
    record JobCheckpoint(String region, String job, String restoredFrom, long checkpoint, long at, long seenAt)
            implements Entry {

        static JobCheckpoint parse(String[] cells) {
            return new JobCheckpoint(
                    cells[0],
                    cells[1],
                    cells[2],
                    Long.parseLong(cells[3]),
                    Long.parseLong(cells[4]),
                    Long.parseLong(cells[5]));
        }

        @Override
        public Kind kind() {
            return Kind.JOB_CHECKPOINT;
        }

        @Override
        public String toLine() {
            return line(region, job, restoredFrom, checkpoint, at, seenAt);
        }
    }

    private static String line(Object... cells) {
        StringBuilder line = new StringBuilder();
        for (Object cell : cells) {
            line.append(line.isEmpty() ? "" : ",").append(cell);
        }
        return line.toString();
    }
}
