package io.breakwater.platform;

import java.util.List;
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
 * @param fencePrincipals for a store that has bucket policies: the ARNs, with {@code *} where wanted, under which
 *     Breakwater itself writes there. If they are given, a policy denies everybody else the tables and prefixes of a region
 *     that was left, of tables in addition to the fence in their logs.
 */
public record S3Dialect(
        Optional<Addressing> addressing,
        Optional<Checksums> checksums,
        Optional<Boolean> signPayload,
        Optional<Boolean> conditionalPut,
        Optional<String> provider,
        Optional<List<String>> fencePrincipals) {

    public S3Dialect {
        fencePrincipals = fencePrincipals.map(List::copyOf);
        if (fencePrincipals.filter(List::isEmpty).isPresent()) {
            throw new IllegalArgumentException(
                    "fencePrincipals is empty: a policy would deny Breakwater itself; name its principals, or leave it"
                            + " out");
        }
    }

    /** As the usual one, with what {@code breakwater objects probe} finds out. */
    public static S3Dialect of(
            Optional<Addressing> addressing, Optional<Checksums> checksums, Optional<Boolean> conditionalPut) {
        return new S3Dialect(
                addressing, checksums, Optional.empty(), conditionalPut, Optional.empty(), Optional.empty());
    }

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
    public static final S3Dialect USUAL = of(Optional.empty(), Optional.empty(), Optional.empty());
}
