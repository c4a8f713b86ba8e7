package io.breakwater.evidence.cli;

import io.breakwater.evidence.DirectoryFiles;
import io.breakwater.evidence.EvidenceAudit;
import io.breakwater.evidence.EvidenceException;
import io.breakwater.evidence.EvidenceKey;
import io.breakwater.evidence.VerifierKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater audit}: what an auditor needs, offline. */
@Command(
        name = "breakwater audit",
        mixinStandardHelpOptions = true,
        description = "Verifies an evidence log offline, or makes a key for one.")
public final class AuditCommand implements Runnable {

    /** The log is what its key signed. */
    static final int VERIFIED = 0;
    /** Something in it is not; each thing is named. */
    static final int NOT_VERIFIED = 1;
    /** Nothing was verified: wrong usage, a missing file. */
    static final int UNUSABLE = 2;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new AuditCommand()).setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println(failure.getMessage());
            return UNUSABLE;
        });
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a subcommand is needed: verify or keygen");
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Verifies every signature, entry, tile and root of an evidence log.",
                "Exit code 0: verified; 1: not what was signed; 2: nothing was verified."
            })
    int verify(
            @Parameters(paramLabel = "DIR", description = "folder that holds 'checkpoint' and 'tile/'") Path directory,
            @Option(names = "--vkey-file", required = true, description = "the log's public key") Path vkeyFile,
            @Option(
                            names = "--entries",
                            paramLabel = "FILE",
                            description = {
                                "where the entries go if the log is verified, one a line;",
                                "a detail that is in parts is put together"
                            })
                    @Nullable
                    Path entries) {
        PrintWriter out = spec.commandLine().getOut();
        if (!Files.isDirectory(directory)) {
            throw new EvidenceException(EvidenceException.Reason.CORRUPT, directory + ": no such directory");
        }
        VerifierKey key = VerifierKey.load(vkeyFile);
        EvidenceAudit.Report report = entries == null
                ? EvidenceAudit.verify(new DirectoryFiles(directory), key)
                : verified(new DirectoryFiles(directory), key, entries);
        out.printf(
                Locale.ROOT,
                "origin      %s%nentries     %d%nroot        %s%nfiles       %d of entries, %d of hashes, %d checkpoints%n",
                report.origin(),
                report.size(),
                report.root().map(Object::toString).orElse("unknown"),
                report.entryBundles(),
                report.tiles(),
                report.checkpoints());
        if (report.beyond() > 0) {
            out.printf(Locale.ROOT, "not covered %d files, of entries after the newest checkpoint%n", report.beyond());
        }
        if (report.details() > 0) {
            out.printf(Locale.ROOT, "details     %d in parts, each with its digest%n", report.details());
        }
        report.failures().forEach(failure -> out.println("FAILED      " + failure));
        out.println(report.passed() ? "VERIFIED" : "NOT VERIFIED");
        out.flush();
        return report.passed() ? VERIFIED : NOT_VERIFIED;
    }

    /** Writes beside the file first: what stands in it was verified. */
    private static EvidenceAudit.Report verified(DirectoryFiles log, VerifierKey key, Path entries) {
        Path unverified = entries.resolveSibling(entries.getFileName() + ".unverified");
        try {
            EvidenceAudit.Report report;
            try (PrintWriter lines = new PrintWriter(Files.newBufferedWriter(unverified))) {
                report = EvidenceAudit.verify(log, key, lines::println);
                if (lines.checkError()) {
                    throw new EvidenceException(
                            EvidenceException.Reason.CORRUPT, unverified + ": could not be written; is there space?");
                }
            }
            if (report.passed()) {
                Files.move(unverified, entries, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.delete(unverified);
            }
            return report;
        } catch (IOException e) {
            throw new EvidenceException(EvidenceException.Reason.CORRUPT, entries + ": cannot be written: " + e);
        }
    }

    @Command(
            name = "keygen",
            mixinStandardHelpOptions = true,
            description = "Makes the key of a new evidence log; never overwrites one.")
    int keygen(
            @Option(names = "--name", required = true, description = "origin of the log: breakwater/<platform>")
                    String name,
            @Option(names = "--key-file", required = true, description = "where the private key goes") Path keyFile,
            @Option(names = "--vkey-file", required = true, description = "where the public key goes") Path vkeyFile) {
        EvidenceKey key = EvidenceKey.generate(name);
        key.save(keyFile, vkeyFile);
        PrintWriter out = spec.commandLine().getOut();
        out.println(key.verifier());
        out.flush();
        return VERIFIED;
    }
}
