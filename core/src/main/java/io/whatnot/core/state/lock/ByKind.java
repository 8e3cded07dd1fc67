package io.whatnot.core.state.lock;

import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Scope;
import io.whatnot.core.state.map.Edit;
import io.whatnot.core.state.map.OrderedMap;

/** Four ordered maps, one for each scope and mode of the targets that they are about. */
record ByKind<K extends Comparable<? super K>, V>(
        OrderedMap<K, V> exclusiveElement,
        OrderedMap<K, V> sharedElement,
        OrderedMap<K, V> exclusivePrefix,
        OrderedMap<K, V> sharedPrefix) {

    static <K extends Comparable<? super K>, V> ByKind<K, V> empty() {
        OrderedMap<K, V> none = OrderedMap.empty();
        return new ByKind<>(none, none, none, none);
    }

    OrderedMap<K, V> of(Scope scope, Mode mode) {
        if (scope == Scope.ELEMENT) {
            return mode == Mode.EXCLUSIVE ? exclusiveElement : sharedElement;
        }
        return mode == Mode.EXCLUSIVE ? exclusivePrefix : sharedPrefix;
    }

    ByKind<K, V> with(Edit edit, Scope scope, Mode mode, K key, V value) {
        return replace(scope, mode, of(scope, mode).put(edit, key, value));
    }

    ByKind<K, V> without(Edit edit, Scope scope, Mode mode, K key) {
        return replace(scope, mode, of(scope, mode).remove(edit, key));
    }

    private ByKind<K, V> replace(Scope scope, Mode mode, OrderedMap<K, V> map) {
        if (map == of(scope, mode)) {
            return this;
        }
        boolean exclusive = mode == Mode.EXCLUSIVE;
        if (scope == Scope.ELEMENT) {
            return exclusive
                    ? new ByKind<>(map, sharedElement, exclusivePrefix, sharedPrefix)
                    : new ByKind<>(exclusiveElement, map, exclusivePrefix, sharedPrefix);
        }
        return exclusive
                ? new ByKind<>(exclusiveElement, sharedElement, map, sharedPrefix)
                : new ByKind<>(exclusiveElement, sharedElement, exclusivePrefix, map);
    }

    int size() {
        return exclusiveElement.size() + sharedElement.size() + exclusivePrefix.size() + sharedPrefix.size();
    }
}
