package io.breakwater.local.job;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * What the job reads of an event of topic {@code flights.events}.
 *
 * @param airport the origin, which is the record's key
 * @param id counts all events
 * @param sequence counts this airport's events, from 1 without gaps as sent
 * @param delayMinutes negative if early
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Flight(String airport, long id, long sequence, int delayMinutes) {}
