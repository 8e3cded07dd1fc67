package io.whatnot.core.model;

/** Commands about whole namespaces. A name is 1 to 64 of {@code a-z 0-9 . _ -}, starting with a letter or digit. */
public sealed interface NamespaceCommand extends Command {
    /** The namespace it is about. */
    String namespace();

    /**
     * Makes an empty namespace; NAMESPACE_EXISTS if there is one of that name.
     *
     * @param namespace its name
     */
    record Create(String namespace) implements NamespaceCommand {
        public Create {
            Rules.namespace(namespace);
        }
    }

    /**
     * Removes a namespace with everything in it. LOCKED while another session holds a lock in it.
     *
     * @param namespace its name
     */
    record Drop(String namespace) implements NamespaceCommand {
        public Drop {
            Rules.namespace(namespace);
        }
    }
}
