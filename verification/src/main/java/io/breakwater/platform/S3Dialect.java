package io.breakwater.platform;

import java.util.Optional;

/**
 * In what a store differs from others that speak S3's protocol. {@code breakwater objects probe} finds out and prints
 * what belongs here.
 *
 * @param addressing how a bucket is named in a URL; by default in the path if there is an endpoint, else in the host
 * @param checksums whether requests carry checksums that nothing asks for; by default not, because some stores refuse
 *     them: what is copied is compared on arrival in any case
 * @param signPayload whether the bytes of an object that is copied are hashed into the signature; by default not. On
 *     plain HTTP through a network that is not trusted, this keeps them from being changed on the way.
 * @param conditionalPut whether {@code If-None-Match: *} is honoured, as it is by default
 * @param provider a name for the installation: between two stores of one provider, objects are copied by the provider
 *     itself. Without it, only inside one store.
 */
public record S3Dialect(
        Optional<Addressing> addressing,
        Optional<Checksums> checksums,
        Optional<Boolean> signPayload,
        Optional<Boolean> conditionalPut,
        Optional<String> provider) {

    /** As in {@code https://host/bucket/key} or {@code https://bucket.host/key}. Lower case as in the platform file. */
    public enum Addressing {
        path,
        virtual
    }

    /** As the AWS SDK names them. */
    public enum Checksums {
        when_required,
        when_supported
    }

    /** What holds for most stores. */
    public static final S3Dialect USUAL =
            new S3Dialect(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
