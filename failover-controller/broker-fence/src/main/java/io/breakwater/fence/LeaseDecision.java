package io.breakwater.fence;

/** What the lease says about one operation. The ACLs are asked as well; both must allow. */
sealed interface LeaseDecision {

    /** The lease has no say: the principal is exempt, or the operation or the resource is not governed. */
    record NotGoverned() implements LeaseDecision {}

    /** A valid lease allows it. */
    record Open() implements LeaseDecision {}

    /** @param reason for a person: which group, which class, and why it is closed */
    record Closed(String reason) implements LeaseDecision {}
}
