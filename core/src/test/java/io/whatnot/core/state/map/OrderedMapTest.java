package io.whatnot.core.state.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.SubPath;
import io.whatnot.core.testing.Seeds;
import io.whatnot.core.testing.Steps;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class OrderedMapTest {
    private static final int STEPS = 600;

    @Test
    void doesWhatATreeMapDoesAndKeepsEveryPublishedVersion(TestInfo test) {
        Seeds.of(test).run(100, OrderedMapTest::run);
    }

    /** A version of the map, published, and what it must hold for ever. */
    private record Version(OrderedMap<Integer, Integer> map, NavigableMap<Integer, Integer> expected) {}

    private static void run(long seed, Steps steps) {
        SplittableRandom random = new SplittableRandom(seed);
        int keys = 1 + random.nextInt(random.nextBoolean() ? 100 : 5_000);
        int published = 1 + random.nextInt(200);
        List<Version> versions = new ArrayList<>(List.of(new Version(OrderedMap.empty(), new TreeMap<>())));
        OrderedMap<Integer, Integer> map = OrderedMap.empty();
        NavigableMap<Integer, Integer> expected = new TreeMap<>();
        Edit edit = new Edit();
        for (int i = 0; i < STEPS; i++) {
            int key = random.nextInt(keys);
            int many = random.nextInt(10) == 0 ? random.nextInt(200) : 1;
            boolean removes = random.nextInt(100) < (i < STEPS / 2 ? 30 : 60);
            steps.add((removes ? "remove " : "put ") + key + " and the next, " + many + " in all");
            for (int k = key; k < key + many; k++) {
                map = removes ? map.remove(edit, k) : map.put(edit, k, i);
                if (removes) {
                    expected.remove(k);
                } else {
                    expected.put(k, i);
                }
            }
            compareAt(map, expected, random.nextInt(keys + 1));
            if (random.nextInt(published) == 0) {
                edit.close();
                versions.add(new Version(map, new TreeMap<>(expected)));
                edit = new Edit();
                Version from =
                        versions.get(random.nextInt(3) == 0 ? random.nextInt(versions.size()) : versions.size() - 1);
                steps.add("published; goes on from a version of size " + from.expected.size());
                map = from.map;
                expected = new TreeMap<>(from.expected);
            }
        }
        edit.close();
        versions.add(new Version(map, expected));
        versions.forEach(version -> compare(version.map, version.expected));
    }

    private static void compareAt(OrderedMap<Integer, Integer> map, NavigableMap<Integer, Integer> expected, int key) {
        assertThat(map.size()).isEqualTo(expected.size());
        assertThat(map.isEmpty()).isEqualTo(expected.isEmpty());
        assertThat(map.get(key)).isEqualTo(expected.get(key));
        assertThat(map.containsKey(key)).isEqualTo(expected.containsKey(key));
        assertThat(map.rank(key)).isEqualTo(expected.headMap(key, false).size());
        assertThat(map.first()).isEqualTo(entry(expected.firstEntry()));
        assertThat(map.higher(key)).isEqualTo(entry(expected.higherEntry(key)));
        assertThat(firstFew(map.iterator(key, true))).isEqualTo(firstFew(expected.tailMap(key, true)));
        assertThat(firstFew(map.iterator(key, false))).isEqualTo(firstFew(expected.tailMap(key, false)));
    }

    private static void compare(OrderedMap<Integer, Integer> map, NavigableMap<Integer, Integer> expected) {
        List<OrderedMap.Entry<Integer, Integer>> all = new ArrayList<>();
        map.forEach(all::add);
        assertThat(all)
                .isEqualTo(
                        expected.entrySet().stream().map(OrderedMapTest::entry).toList());
        assertThat(map.toString()).isEqualTo(expected.toString());
        for (int key = -1; key <= 20; key++) {
            compareAt(map, expected, key);
        }
    }

    private static OrderedMap.@Nullable Entry<Integer, Integer> entry(Map.@Nullable Entry<Integer, Integer> entry) {
        return entry == null ? null : new OrderedMap.Entry<>(entry.getKey(), entry.getValue());
    }

    private static List<OrderedMap.Entry<Integer, Integer>> firstFew(
            Iterator<OrderedMap.Entry<Integer, Integer>> entries) {
        List<OrderedMap.Entry<Integer, Integer>> few = new ArrayList<>();
        while (entries.hasNext() && few.size() < 70) {
            few.add(entries.next());
        }
        return few;
    }

    private static List<OrderedMap.Entry<Integer, Integer>> firstFew(NavigableMap<Integer, Integer> expected) {
        return expected.entrySet().stream().limit(70).map(OrderedMapTest::entry).toList();
    }

    @Test
    void anOrderOfItsOwnDecidesWhereKeysAre() {
        OrderedMap<String, Integer> map = OrderedMap.empty(SubPath::compareNames);
        Edit edit = new Edit();
        map = map.put(edit, "😀", 1).put(edit, "\uFFFD", 2).put(edit, "a", 3);

        assertThat(map.toString()).isEqualTo("{a=3, \uFFFD=2, 😀=1}");
        assertThat(map.rank("😀")).isEqualTo(2);
    }

    @Test
    void nothingIsChangedUnderAClosedEdit() {
        Edit edit = new Edit();
        OrderedMap<Integer, Integer> map = OrderedMap.<Integer, Integer>empty().put(edit, 1, 1);
        edit.close();

        assertThatThrownBy(() -> map.put(edit, 2, 2)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> map.remove(edit, 1)).isInstanceOf(IllegalStateException.class);
        assertThat(map.toString()).isEqualTo("{1=1}");
    }

    @Test
    void anIteratorNoticesThatTheMapWasChangedUnderIt() {
        Edit edit = new Edit();
        OrderedMap<Integer, Integer> map =
                OrderedMap.<Integer, Integer>empty().put(edit, 1, 1).put(edit, 2, 2);
        Iterator<OrderedMap.Entry<Integer, Integer>> entries = map.iterator();
        entries.next();
        OrderedMap<Integer, Integer> same = map.put(edit, 3, 3);

        assertThat(same).isSameAs(map);
        assertThatThrownBy(entries::next).isInstanceOf(ConcurrentModificationException.class);
    }

    @Test
    void anIteratorGoesOnWhenTheMapIsEditedAsAnotherVersion() {
        Edit edit = new Edit();
        OrderedMap<Integer, Integer> map =
                OrderedMap.<Integer, Integer>empty().put(edit, 1, 1).put(edit, 2, 2);
        edit.close();
        Iterator<OrderedMap.Entry<Integer, Integer>> entries = map.iterator();
        OrderedMap<Integer, Integer> other = map.remove(new Edit(), 2);

        assertThat(firstFew(entries)).hasSize(2);
        assertThat(other.size()).isEqualTo(1);
        assertThatThrownBy(entries::next).isInstanceOf(NoSuchElementException.class);
    }
}
