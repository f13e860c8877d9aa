package dev.millrace.ingest.postgres;

import dev.millrace.config.setting.DatabaseServer;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The settings of one PostgreSQL source and, from them, the names of what is kept at its server.
 *
 * @param pipeline whose source this is; part of names and of application_name
 */
record PostgresSettings(String pipeline, Settings values) implements DatabaseServer {
    static final List<Setting> DECLARED = DatabaseServer.declared(
            5432,
            "Database to read.",
            "User to log in as; needs REPLICATION for mode logical, and SELECT on the tables.",
            Setting.choice(
                    "mode",
                    "logical",
                    List.of("logical", "table"),
                    "logical streams changes by logical decoding after a first load; table reads whole tables on a schedule."),
            Setting.choice(
                    "queryMode",
                    "full-load",
                    List.of("full-load"),
                    "In mode table: every run reads all rows and replaces those before."),
            Setting.optional(
                    "slot", Type.TEXT, null, "Replication slot; by default millrace_ and the pipeline's name."),
            Setting.optional(
                    "publication", Type.TEXT, null, "Publication; by default millrace_ and the pipeline's name."),
            CONNECT_TIMEOUT,
            Setting.optional(
                    "queryTimeout", Type.DURATION, "60s", "How long a catalogue query or statement of ours may take."),
            Setting.optional("lockTimeout", Type.DURATION, "10s", "How long a statement of ours may wait for a lock."),
            Setting.bounded(
                    "catchUpFrom",
                    Type.SIZE,
                    "64MB",
                    new Setting.Range(1 << 20, 1L << 60),
                    "When at least so much change log waits as a stream begins, it is first read in pieces by the slot's SQL function,"
                            + " two to three times as fast."),
            Setting.bounded(
                    "discoverEvery",
                    Type.DURATION,
                    "5s",
                    new Setting.Range(100, 86_400_000),
                    "How often new tables are looked for, where a pattern can choose them; they join while the stream runs."),
            PEER_TIMEOUT);

    boolean logical() {
        return values.text("mode").equals("logical");
    }

    Duration queryTimeout() {
        return values.duration("queryTimeout");
    }

    String slot() {
        return values.optionalText("slot").orElseGet(this::derivedName);
    }

    /** The publication of the tables whose rows can be told apart: all operations. */
    String publication() {
        return values.optionalText("publication").orElseGet(this::derivedName);
    }

    /** The publication of the others: inserts and truncates only, so that their owners can go on updating and deleting. */
    String insertPublication() {
        return publication() + "_ins";
    }

    /** Both, as pgoutput takes them. */
    String publicationNames() {
        return Quoted.identifier(publication()) + "," + Quoted.identifier(insertPublication());
    }

    /** From how many bytes of waiting change log on a stream first catches up in pieces; also the least size of one. */
    long catchUpBytes() {
        return values.sizeBytes("catchUpFrom");
    }

    /** The time between two looks for new tables. */
    Duration discoverEvery() {
        return values.duration("discoverEvery");
    }

    String applicationName() {
        return "millrace-" + pipeline;
    }

    /** For messages: the way on when changes are lost. */
    String loadAnew() {
        return "Run 'millrace reload --all --pipeline " + pipeline
                + "': slot and publications are made anew, and every table is loaded again.";
    }

    /**
     * Slot names take lower-case letters, digits and '_' only. A name with anything else gets a checksum behind it, so that the pipelines
     * {@code a-b} and {@code a_b} do not share a slot.
     */
    private String derivedName() {
        String plain = pipeline.replaceAll("[^a-z0-9_]", "_");
        if (plain.equals(pipeline)) {
            return "millrace_" + plain;
        }
        CRC32C sum = new CRC32C();
        sum.update(pipeline.getBytes(StandardCharsets.UTF_8));
        return "millrace_" + plain + "_" + Long.toHexString(sum.getValue());
    }
}
