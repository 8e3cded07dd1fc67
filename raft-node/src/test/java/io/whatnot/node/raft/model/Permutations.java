package io.whatnot.node.raft.model;

import java.util.ArrayList;
import java.util.List;

/** The ways to name voters: all of them, or, where voters are not alike, the one they have. */
final class Permutations {
    /** How each voter looks; filled by the state that is asked for its fingerprint. */
    final long[] looks;

    private final int voters;
    private final int[][] voterAt;
    private final int[][] placeOf;
    private final int[][] places;

    Permutations(Bounds bounds) {
        this.voters = bounds.voters();
        this.looks = new long[voters];
        List<int[]> all = new ArrayList<>();
        if (bounds.configurations().size() == 1) {
            permute(new int[voters], 0, 0, all);
        } else {
            int[] names = new int[voters];
            for (int voter = 0; voter < voters; voter++) {
                names[voter] = voter;
            }
            all.add(names);
        }
        voterAt = all.toArray(int[][]::new);
        placeOf = new int[voterAt.length][voters];
        places = new int[voterAt.length][1 << voters];
        for (int p = 0; p < voterAt.length; p++) {
            for (int place = 0; place < voters; place++) {
                placeOf[p][voterAt[p][place]] = place;
            }
            for (int mask = 0; mask < 1 << voters; mask++) {
                for (int voter = 0; voter < voters; voter++) {
                    places[p][mask] |= (mask >> voter & 1) << placeOf[p][voter];
                }
            }
        }
    }

    private void permute(int[] chosen, int count, int used, List<int[]> all) {
        if (count == voters) {
            all.add(chosen.clone());
            return;
        }
        for (int voter = 0; voter < voters; voter++) {
            if ((used >> voter & 1) == 0) {
                chosen[count] = voter;
                permute(chosen, count + 1, used | 1 << voter, all);
            }
        }
    }

    int count() {
        return voterAt.length;
    }

    /** Whether a permutation names the voters in the order of their looks; only such ones have to be tried. */
    boolean isInOrder(int p) {
        if (voterAt.length == 1) {
            return true;
        }
        for (int place = 1; place < voters; place++) {
            if (looks[voterAt[p][place - 1]] > looks[voterAt[p][place]]) {
                return false;
            }
        }
        return true;
    }

    int voter(int p, int place) {
        return voterAt[p][place];
    }

    int place(int p, int voter) {
        return placeOf[p][voter];
    }

    int places(int p, int mask) {
        return places[p][mask];
    }
}
