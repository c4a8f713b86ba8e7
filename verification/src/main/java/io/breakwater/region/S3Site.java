package io.breakwater.region;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.S3Dialect;
import io.breakwater.platform.S3Dialect.Addressing;
import io.breakwater.platform.S3Dialect.Checksums;

/** A store's site with what its dialect leaves open filled in. */
record S3Site(ObjectStoreSite site, S3Dialect dialect) {

    static S3Site of(ObjectStoreSite site) {
        return new S3Site(site, site.dialect().orElse(S3Dialect.USUAL));
    }

    boolean byPath() {
        return dialect.addressing()
                .map(addressing -> addressing == Addressing.path)
                .orElse(site.endpoint().isPresent());
    }

    boolean checksumsWhenSupported() {
        return dialect.checksums().filter(c -> c == Checksums.when_supported).isPresent();
    }

    boolean signPayload() {
        return dialect.signPayload().orElse(false);
    }

    boolean conditionalPut() {
        return dialect.conditionalPut().orElse(true);
    }

    /** One installation, in which the same keys hold. */
    boolean sameProvider(S3Site other) {
        boolean sameKeys = site.accessKey().equals(other.site.accessKey());
        boolean sameName = dialect.provider().isPresent() && dialect.provider().equals(other.dialect.provider());
        boolean sameStore =
                site.endpoint().equals(other.site.endpoint()) && site.region().equals(other.site.region());
        return sameName || (sameStore && sameKeys);
    }
}
