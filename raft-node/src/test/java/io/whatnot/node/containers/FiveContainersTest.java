package io.whatnot.node.containers;

/** With five nodes. */
final class FiveContainersTest extends ContainersTest {
    FiveContainersTest() {
        super(5);
    }
}
