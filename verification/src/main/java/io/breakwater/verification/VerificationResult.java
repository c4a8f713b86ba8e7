package io.breakwater.verification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What a verifier found. What could not be looked at is not the same as what is wrong. */
public sealed interface VerificationResult {

    /** @param figures what was compared, for reports: counts, bytes, digests */
    record Verified(ObjectNode figures) implements VerificationResult {}

    /** @param differences at least one; each names the thing and both values; long lists are cut and say so */
    record Mismatch(List<String> differences) implements VerificationResult {
        public Mismatch {
            differences = List.copyOf(differences);
            if (differences.isEmpty()) {
                throw new IllegalArgumentException("a mismatch needs a difference");
            }
        }
    }

    /** @param reason what could not be reached or read */
    record Unverifiable(String reason) implements VerificationResult {}
}
