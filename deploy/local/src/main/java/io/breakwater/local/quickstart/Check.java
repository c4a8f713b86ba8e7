package io.breakwater.local.quickstart;

/**
 * Something that must be so.
 *
 * @param detail the figures
 */
record Check(String name, boolean passed, String detail) {}
