package io.whatnot.core.fuzz;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** A module's targets; found as a service, so that one entry serves those of all modules. */
public interface FuzzTargets {
    /** By name. Each has a file of seeds, {@code fuzz/NAME.txt}, among the resources beside it. */
    Map<String, FuzzTarget> targets();

    /** The targets of all modules on the class path. */
    static Map<String, FuzzTarget> all() {
        Map<String, FuzzTarget> all = new TreeMap<>();
        ServiceLoader.load(FuzzTargets.class).forEach(module -> all.putAll(module.targets()));
        return all;
    }
}
