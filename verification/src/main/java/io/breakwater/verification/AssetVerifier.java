package io.breakwater.verification;

/**
 * Holds the replica of one asset against what it was made from, by other means than those that made it. One
 * implementation per kind of asset; implementations are thread-safe and change nothing in either region.
 */
public interface AssetVerifier {

    /** The kind of assets that it verifies, as in the platform file. */
    String kind();

    /** Blocks while it reads; what it can't reach or read makes the answer, never an exception. */
    VerificationResult verify(VerificationRequest request) throws InterruptedException;
}
