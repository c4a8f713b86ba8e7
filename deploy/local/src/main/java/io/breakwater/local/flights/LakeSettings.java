package io.breakwater.local.flights;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.Secret;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider;

/** Hadoop's S3A client for a region's object store: it gives up soon, because the store may be dead for good. */
public final class LakeSettings {

    private LakeSettings() {}

    public static Configuration of(ObjectStoreSite site) {
        Configuration conf = new Configuration(false);
        conf.set("fs.s3a.impl", "org.apache.hadoop.fs.s3a.S3AFileSystem");
        site.endpoint().ifPresent(endpoint -> {
            conf.set("fs.s3a.endpoint", endpoint.toString());
            conf.set("fs.s3a.path.style.access", "true");
            conf.setBoolean("fs.s3a.connection.ssl.enabled", "https".equals(endpoint.getScheme()));
        });
        conf.set("fs.s3a.endpoint.region", site.region());
        site.accessKey().ifPresent(key -> {
            conf.set("fs.s3a.aws.credentials.provider", SimpleAWSCredentialsProvider.NAME);
            conf.set("fs.s3a.access.key", Secret.resolve(key));
        });
        site.secretKey().ifPresent(key -> conf.set("fs.s3a.secret.key", Secret.resolve(key)));
        conf.set("fs.s3a.change.detection.mode", "none");
        conf.set("fs.s3a.fast.upload.buffer", "bytebuffer");
        conf.set("fs.s3a.attempts.maximum", "2");
        conf.set("fs.s3a.retry.limit", "2");
        conf.set("fs.s3a.retry.interval", "200ms");
        return conf;
    }

    /** A location as S3A wants it: {@code s3a://bucket/key}. */
    public static String s3a(String location) {
        return location.replaceFirst("^s3://", "s3a://");
    }
}
