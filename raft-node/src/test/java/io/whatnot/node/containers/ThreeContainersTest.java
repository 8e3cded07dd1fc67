package io.whatnot.node.containers;

/** With three nodes. */
final class ThreeContainersTest extends ContainersTest {
    ThreeContainersTest() {
        super(3);
    }
}
