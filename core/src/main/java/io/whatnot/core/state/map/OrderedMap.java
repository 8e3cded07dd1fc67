package io.whatnot.core.state.map;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A sorted map whose changes copy the path to what they change, unless that path was made under the same {@link Edit}.
 *
 * <p>A map that was published (its edit closed) never changes and may be read by any thread. While its edit is open it
 * is one thread's; an iterator over it fails when the map is changed under it.
 *
 * <p>Looking up, changing, and telling a key's rank cost O(log n). A B+ tree of up to 32 items a node; a node that loses
 * items is merged with a neighbour when both fit into one.
 *
 * @param <K> keys; the order must tell different keys apart
 * @param <V> values
 */
public final class OrderedMap<K, V> implements Iterable<OrderedMap.Entry<K, V>> {
    private static final int ITEMS_MAX = 32;
    private static final int ITEMS_MIN = 8;

    private final Comparator<? super K> order;
    private final @Nullable Edit edit;
    private @Nullable Node root;
    private int changes;

    private OrderedMap(Comparator<? super K> order, @Nullable Node root, @Nullable Edit edit) {
        this.order = order;
        this.root = root;
        this.edit = edit;
    }

    /**
     * A key and its value.
     *
     * @param <K> the key's type
     * @param <V> the value's type
     * @param key the key
     * @param value the value
     */
    public record Entry<K, V>(K key, V value) {}

    /** An empty map of keys in their natural order. */
    public static <K extends Comparable<? super K>, V> OrderedMap<K, V> empty() {
        return new OrderedMap<>(Comparator.naturalOrder(), null, null);
    }

    /** An empty map of keys in that order. */
    public static <K, V> OrderedMap<K, V> empty(Comparator<? super K> order) {
        return new OrderedMap<>(order, null, null);
    }

    /** How many keys. */
    public int size() {
        return root == null ? 0 : root.weight;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return root == null;
    }

    /** The value of that key, or null. */
    public @Nullable V get(K key) {
        Node node = root;
        if (node == null) {
            return null;
        }
        while (!node.leaf) {
            node = node.child(childOf(node, key));
        }
        int at = search(node, key);
        return at < 0 ? null : value(node, at);
    }

    /** Whether the key is there. */
    public boolean containsKey(K key) {
        return get(key) != null;
    }

    /** How many keys are less than that one. */
    public int rank(K key) {
        int rank = 0;
        Node node = root;
        if (node == null) {
            return 0;
        }
        while (!node.leaf) {
            int at = childOf(node, key);
            for (int i = 0; i < at; i++) {
                rank += node.child(i).weight;
            }
            node = node.child(at);
        }
        int at = search(node, key);
        return rank + (at < 0 ? -at - 1 : at);
    }

    /** The first entry, or null. */
    public @Nullable Entry<K, V> first() {
        Node node = root;
        if (node == null) {
            return null;
        }
        while (!node.leaf) {
            node = node.child(0);
        }
        return entry(node, 0);
    }

    /** The first entry behind that key, which need not be there; or null. */
    public @Nullable Entry<K, V> higher(K key) {
        Iterator<Entry<K, V>> behind = iterator(key, false);
        return behind.hasNext() ? behind.next() : null;
    }

    @Override
    public Iterator<Entry<K, V>> iterator() {
        return new Walk(null, true);
    }

    /** The entries from that key on, or from behind it. */
    public Iterator<Entry<K, V>> iterator(K from, boolean inclusive) {
        return new Walk(from, inclusive);
    }

    /** The map with that key set to that value: this very map if it is {@code edit}'s own. */
    public OrderedMap<K, V> put(Edit edit, K key, V value) {
        edit.requireOpen();
        Node top = root;
        if (top == null) {
            top = new Node(edit, true);
            insertAt(top, 0, key, value);
        } else {
            top = put(edit, top, key, value);
            if (top.count > ITEMS_MAX) {
                Node left = top;
                Node right = split(edit, left);
                top = new Node(edit, false);
                insertAt(top, 0, left.keys[0], left);
                insertAt(top, 1, right.keys[0], right);
                top.weight = left.weight + right.weight;
            }
        }
        return with(edit, top);
    }

    /** The map without that key: this very map if the key is not there or the map is {@code edit}'s own. */
    public OrderedMap<K, V> remove(Edit edit, K key) {
        edit.requireOpen();
        if (root == null || get(key) == null) {
            return this;
        }
        Node top = remove(edit, root, key);
        while (!top.leaf && top.count == 1) {
            top = top.child(0);
        }
        return with(edit, top.count == 0 ? null : top);
    }

    private OrderedMap<K, V> with(Edit edit, @Nullable Node root) {
        if (this.edit != edit) {
            return new OrderedMap<>(order, root, edit);
        }
        this.root = root;
        changes++;
        return this;
    }

    /** Puts below a node; what it returns may have one item too many, which its parent splits. */
    private Node put(Edit edit, Node node, K key, V value) {
        Node own = node.own(edit);
        if (own.leaf) {
            int at = search(own, key);
            if (at >= 0) {
                own.items[at] = value;
            } else {
                insertAt(own, -at - 1, key, value);
            }
            return own;
        }
        int at = childOf(own, key);
        Node before = own.child(at);
        int weight = before.weight;
        Node child = put(edit, before, key, value);
        own.items[at] = child;
        own.weight += child.weight - weight;
        if (child.count > ITEMS_MAX) {
            Node right = split(edit, child);
            insertAt(own, at + 1, right.keys[0], right);
        }
        return own;
    }

    private Node remove(Edit edit, Node node, K key) {
        Node own = node.own(edit);
        if (own.leaf) {
            removeAt(own, search(own, key));
            own.weight = own.count;
            return own;
        }
        int at = childOf(own, key);
        Node child = remove(edit, own.child(at), key);
        own.items[at] = child;
        own.weight--;
        if (child.count == 0) {
            removeAt(own, at);
        } else if (child.count < ITEMS_MIN) {
            if (at > 0 && own.child(at - 1).count + child.count <= ITEMS_MAX) {
                merge(edit, own, at - 1);
            } else if (at + 1 < own.count && own.child(at + 1).count + child.count <= ITEMS_MAX) {
                merge(edit, own, at);
            }
        }
        return own;
    }

    private static void merge(Edit edit, Node parent, int at) {
        Node left = parent.child(at).own(edit);
        Node right = parent.child(at + 1);
        left.ensure(left.count + right.count);
        System.arraycopy(right.keys, 0, left.keys, left.count, right.count);
        System.arraycopy(right.items, 0, left.items, left.count, right.count);
        if (!left.leaf) {
            // A node's first key is not kept up to date; as a separator the parent's is the one that holds.
            left.keys[left.count] = parent.keys[at + 1];
        }
        left.count += right.count;
        left.weight += right.weight;
        parent.items[at] = left;
        removeAt(parent, at + 1);
    }

    /** Cuts the upper half off an own node. */
    private static Node split(Edit edit, Node left) {
        Node right = new Node(edit, left.leaf);
        int keep = left.count / 2;
        int moved = left.count - keep;
        right.ensure(moved);
        System.arraycopy(left.keys, keep, right.keys, 0, moved);
        System.arraycopy(left.items, keep, right.items, 0, moved);
        Arrays.fill(left.keys, keep, left.count, null);
        Arrays.fill(left.items, keep, left.count, null);
        left.count = keep;
        right.count = moved;
        right.weigh();
        left.weigh();
        return right;
    }

    private static void insertAt(Node node, int at, @Nullable Object key, @Nullable Object item) {
        node.ensure(node.count + 1);
        System.arraycopy(node.keys, at, node.keys, at + 1, node.count - at);
        System.arraycopy(node.items, at, node.items, at + 1, node.count - at);
        node.keys[at] = key;
        node.items[at] = item;
        node.count++;
        if (node.leaf) {
            node.weight = node.count;
        }
    }

    private static void removeAt(Node node, int at) {
        System.arraycopy(node.keys, at + 1, node.keys, at, node.count - at - 1);
        System.arraycopy(node.items, at + 1, node.items, at, node.count - at - 1);
        node.count--;
        node.keys[node.count] = null;
        node.items[node.count] = null;
    }

    /** Which child has the key: the last whose first key is not above it, else the first. */
    private int childOf(Node node, K key) {
        int low = 1;
        int high = node.count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (order.compare(key(node, middle), key) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /** Where a leaf has the key, or -1 minus where it belongs. */
    private int search(Node leaf, K key) {
        int low = 0;
        int high = leaf.count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            int compared = order.compare(key(leaf, middle), key);
            if (compared == 0) {
                return middle;
            }
            if (compared < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return -low - 1;
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // below count, keys are there, and are K
    private K key(Node node, int at) {
        return (K) node.keys[at];
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // below count, a leaf's items are there, and are V
    private V value(Node leaf, int at) {
        return (V) leaf.items[at];
    }

    private Entry<K, V> entry(Node leaf, int at) {
        return new Entry<>(key(leaf, at), value(leaf, at));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (Entry<K, V> entry : this) {
            text.append(text.length() > 1 ? ", " : "")
                    .append(entry.key())
                    .append('=')
                    .append(entry.value());
        }
        return text.append('}').toString();
    }

    /** A leaf's items are values, an inner node's are nodes, each behind a key not above any of its keys. */
    private static final class Node {
        final @Nullable Edit edit;
        final boolean leaf;

        @Nullable
        Object[] keys = new @Nullable Object[4];

        @Nullable
        Object[] items = new @Nullable Object[4];

        int count;
        /** How many keys there are in all the leaves below. */
        int weight;

        Node(@Nullable Edit edit, boolean leaf) {
            this.edit = edit;
            this.leaf = leaf;
        }

        Node own(Edit edit) {
            if (this.edit == edit) {
                return this;
            }
            Node copy = new Node(edit, leaf);
            int room = Math.min(ITEMS_MAX + 1, count + 2);
            copy.keys = Arrays.copyOf(keys, room);
            copy.items = Arrays.copyOf(items, room);
            copy.count = count;
            copy.weight = weight;
            return copy;
        }

        @SuppressWarnings("NullAway") // below count, items are there
        Node child(int at) {
            return (Node) items[at];
        }

        void ensure(int room) {
            if (keys.length < room) {
                int length = Math.min(ITEMS_MAX + 1, Math.max(room, keys.length * 2));
                keys = Arrays.copyOf(keys, length);
                items = Arrays.copyOf(items, length);
            }
        }

        void weigh() {
            weight = count;
            if (!leaf) {
                weight = 0;
                for (int i = 0; i < count; i++) {
                    weight += child(i).weight;
                }
            }
        }
    }

    private final class Walk implements Iterator<Entry<K, V>> {
        private final Deque<Node> nodes = new ArrayDeque<>();
        private final Deque<Integer> positions = new ArrayDeque<>();
        private final int changesAtStart = changes;
        private @Nullable Node leaf;
        private int at;

        Walk(@Nullable K from, boolean inclusive) {
            Node node = root;
            if (node == null) {
                return;
            }
            while (!node.leaf) {
                int child = from == null ? 0 : childOf(node, from);
                nodes.push(node);
                positions.push(child);
                node = node.child(child);
            }
            leaf = node;
            if (from != null) {
                int found = search(node, from);
                at = found < 0 ? -found - 1 : inclusive ? found : found + 1;
            }
            settle();
        }

        /** Goes on to the next leaf when this one is done. */
        private void settle() {
            while (leaf != null && at == leaf.count) {
                leaf = null;
                at = 0;
                while (!nodes.isEmpty()) {
                    int next = positions.pop() + 1;
                    Node parent = nodes.element();
                    if (next < parent.count) {
                        positions.push(next);
                        Node node = parent.child(next);
                        while (!node.leaf) {
                            nodes.push(node);
                            positions.push(0);
                            node = node.child(0);
                        }
                        leaf = node;
                        break;
                    }
                    nodes.pop();
                }
            }
        }

        @Override
        public boolean hasNext() {
            return leaf != null;
        }

        @Override
        public Entry<K, V> next() {
            if (changes != changesAtStart) {
                throw new ConcurrentModificationException("the map was changed while it was walked through");
            }
            Node here = leaf;
            if (here == null) {
                throw new NoSuchElementException();
            }
            Entry<K, V> entry = entry(here, at++);
            settle();
            return entry;
        }
    }
}
