package io.breakwater.verification;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Platform;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.RegionClients;

/**
 * What is to be verified.
 *
 * @param clients of the regions; shared, not closed by the verifier
 * @param flow from the region of the source to the region of the replica
 * @param spec the asset, or the pattern that it matches, as the platform file has it
 * @param position the replica position that is claimed
 * @param compareSource whether to read the source too; without it the replica is held against itself only
 */
public record VerificationRequest(
        Platform platform,
        RegionClients clients,
        String group,
        Flow flow,
        AssetId asset,
        AssetSpec spec,
        ReplicaPosition position,
        boolean compareSource) {}
