package io.whatnot.node;

/** What this build calls itself. */
final class Versions {
    private static final String MANIFEST = Versions.class.getPackage().getImplementationVersion();

    /** The version of the artifact, where there is one. */
    static final String OWN = MANIFEST == null ? "development" : MANIFEST;

    private Versions() {}
}
