package io.breakwater.platform;

/**
 * Something that is wrong with a replica, for a person to look at. It stands for as long as receipts carry it.
 *
 * @param kind a short fixed word, such as {@code lost-range}: what metrics and rules are keyed by
 * @param subject what it is about: a topic, a partition, a connector
 * @param message what is wrong, where, and the remedy
 * @param blocking whether the replica is not what a failover needs: then the standby is not ready
 */
public record Alarm(String kind, String subject, String message, boolean blocking) {}
