package io.whatnot.node.raft.model;

import java.util.Arrays;

/**
 * A state of the model, in one array of bytes: of each voter what is on its disk and what is in its memory; what is under way;
 * and, for the promises only, who has led and what was committed.
 *
 * <p>What is under way is what was ever sent: a request to vote stays (until its sender stands again), a grant stays until its
 * candidate's term is over, an acknowledgement until its leader's is, and what a leader had sent when it stopped leading stays
 * too. So whatever is sent may arrive at any time, any number of times, or never; only what nobody can take any more is
 * forgotten, in {@link #forgetWhatHasNoEffect}.
 */
final class Cluster {
    static final int FOLLOWER = 0;
    static final int CANDIDATE = 1;
    static final int LEADER = 2;

    /** Kinds of entries: what a client asked for, an epoch, JRaft's own. Then rejoined voters, then configurations. */
    static final int REQUEST = 0;

    static final int EPOCH = 1;
    static final int OWN = 2;
    static final int REJOINED = 3;

    // ---- a voter's fields

    static final int ROLE = 0;
    static final int FLAGS = 1;
    static final int TERM = 2;
    /** Whom it has voted for in its term, plus one. */
    static final int VOTE = 3;
    /** An amnesiac's term when it started. */
    static final int START = 4;
    /** Who has granted a candidate its vote, and who has done so conditionally. */
    static final int GRANTS = 5;

    static final int CONDITIONAL = 6;
    /** Its last request to be voted for: term, length of its log and term of the last entry. */
    static final int ASKED = 7;

    static final int ASKED_LENGTH = 8;
    static final int ASKED_LAST = 9;
    static final int COMMIT = 10;
    /** The configuration on disk, with the term and the index of its entry. */
    static final int CONFIGURATION = 11;

    static final int CONFIGURATION_TERM = 12;
    static final int CONFIGURATION_INDEX = 13;
    /** The configuration that was on disk before that one. */
    static final int PREVIOUS = 14;

    static final int LENGTH = 15;
    private static final int LOG = 16;

    // ---- flags

    static final int AMNESIAC = 1;
    static final int MARKER = 2;
    static final int VOTED_CONDITIONALLY = 4;
    static final int LEADS_BY_ALL = 8;
    static final int LONG_TTL = 16;

    /** What the bytes mean. */
    record Layout(int voters, int terms, int entries, int configurations) {
        /** How many terms it may take to recover beyond those that are explored, where memberships change. */
        private static final int TERMS_TO_RECOVER = 12;

        Layout(Bounds bounds) {
            this(
                    bounds.voters(),
                    bounds.terms() + (bounds.configurations().size() == 1 ? bounds.voters() : TERMS_TO_RECOVER),
                    bounds.entries() + 1,
                    bounds.configurations().size());
        }

        int kinds() {
            return REJOINED + voters + configurations;
        }

        int configuration(int id) {
            return REJOINED + voters + id;
        }

        int voterSize() {
            return LOG + entries + voters;
        }

        int termBase() {
            return voters * voterSize();
        }

        /** Of each term: who led, plus one; the epoch if it led by all; the log as it was when that ended. */
        int termSize() {
            return 3 + entries;
        }

        int committedBase() {
            return termBase() + terms * termSize();
        }

        /** Of each index and term: in which term it was committed, 0 if it was not; under which epoch; whether it may be lost, and whether a client asked for it. */
        int crashes() {
            return committedBase() + 2 * entries * terms;
        }

        int size() {
            return crashes() + 1;
        }
    }

    private static final int MAY_BE_LOST = 0x80;
    private static final int ASKED_FOR = 0x40;

    final Layout layout;
    private final byte[] bytes;
    private final int voterSize;
    private final int kinds;

    Cluster(Layout layout) {
        this.layout = layout;
        this.bytes = new byte[layout.size()];
        this.voterSize = layout.voterSize();
        this.kinds = layout.kinds();
    }

    void set(Cluster other) {
        System.arraycopy(other.bytes, 0, bytes, 0, bytes.length);
    }

    void read(byte[] from, int offset) {
        System.arraycopy(from, offset, bytes, 0, bytes.length);
    }

    void write(byte[] to, int offset) {
        System.arraycopy(bytes, 0, to, offset, bytes.length);
    }

    boolean isSameAs(Cluster other) {
        return Arrays.equals(bytes, other.bytes);
    }

    // ---- voters

    int get(int voter, int field) {
        return bytes[voter * voterSize + field] & 0xff;
    }

    void set(int voter, int field, int value) {
        bytes[voter * voterSize + field] = (byte) value;
    }

    boolean is(int voter, int flag) {
        return (get(voter, FLAGS) & flag) != 0;
    }

    void mark(int voter, int flag, boolean on) {
        set(voter, FLAGS, on ? get(voter, FLAGS) | flag : get(voter, FLAGS) & ~flag);
    }

    boolean is(int voter, int role, int term) {
        return get(voter, ROLE) == role && get(voter, TERM) == term;
    }

    int acknowledged(int leader, int voter) {
        return get(leader, LOG + layout.entries() + voter);
    }

    void acknowledge(int leader, int voter, int index) {
        if (index > acknowledged(leader, voter)) {
            set(leader, LOG + layout.entries() + voter, index);
        }
    }

    void forgetAcknowledgements(int leader) {
        int from = leader * voterSize + LOG + layout.entries();
        Arrays.fill(bytes, from, from + layout.voters(), (byte) 0);
    }

    int amnesiacs() {
        int mask = 0;
        for (int voter = 0; voter < layout.voters(); voter++) {
            mask |= is(voter, AMNESIAC) ? 1 << voter : 0;
        }
        return mask;
    }

    int crashes() {
        return bytes[layout.crashes()];
    }

    void countCrash() {
        bytes[layout.crashes()]++;
    }

    // ---- logs; indexes begin at 1, and what is read beyond the end is 0

    int length(int voter) {
        return get(voter, LENGTH);
    }

    int entry(int voter, int index) {
        return index < 1 || index > length(voter) ? 0 : get(voter, LOG + index - 1);
    }

    int termOf(int entry) {
        return entry / kinds;
    }

    int kindOf(int entry) {
        return entry % kinds;
    }

    int lastTerm(int voter) {
        return termOf(entry(voter, length(voter)));
    }

    void append(int voter, int kind) {
        int length = length(voter);
        set(voter, LOG + length, get(voter, TERM) * kinds + kind);
        set(voter, LENGTH, length + 1);
    }

    void put(int voter, int index, int entry) {
        set(voter, LOG + index - 1, entry);
        set(voter, LENGTH, Math.max(index, length(voter)));
    }

    void truncate(int voter, int length) {
        int from = voter * voterSize + LOG;
        Arrays.fill(bytes, from + length, from + layout.entries(), (byte) 0);
        set(voter, LENGTH, length);
    }

    // ---- terms

    private int term(int term) {
        return layout.termBase() + (term - 1) * layout.termSize();
    }

    /** Who led in a term, or -1. */
    int leaderOf(int term) {
        return bytes[term(term)] - 1;
    }

    /** The epoch of a term whose leader was elected by all, else 0. */
    int epochOf(int term) {
        return bytes[term(term) + 1];
    }

    void lead(int term, int voter, int epoch) {
        bytes[term(term)] = (byte) (voter + 1);
        bytes[term(term) + 1] = (byte) epoch;
    }

    boolean leadsNow(int term) {
        int leader = leaderOf(term);
        return leader >= 0 && is(leader, LEADER, term);
    }

    /** How much the leader of a term has sent, while it leads or before it stopped. */
    int sentLength(int term) {
        return leadsNow(term) ? length(leaderOf(term)) : bytes[term(term) + 2];
    }

    int sent(int term, int index) {
        return leadsNow(term)
                ? entry(leaderOf(term), index)
                : index > bytes[term(term) + 2] ? 0 : bytes[term(term) + 2 + index] & 0xff;
    }

    /** A leader stops; what it has sent is still under way. */
    void keepSent(int leader) {
        int base = term(get(leader, TERM));
        int length = length(leader);
        bytes[base + 2] = (byte) length;
        System.arraycopy(bytes, leader * voterSize + LOG, bytes, base + 3, length);
    }

    private void forgetSent(int term) {
        int base = term(term) + 2;
        Arrays.fill(bytes, base, base + 1 + layout.entries(), (byte) 0);
    }

    // ---- what was committed

    private int committed(int index, int term) {
        return layout.committedBase() + 2 * ((index - 1) * layout.terms() + term - 1);
    }

    /** In which term an entry was committed first, or 0. */
    int committedIn(int index, int term) {
        return bytes[committed(index, term)] & ~MAY_BE_LOST & 0xff;
    }

    int committedUnder(int index, int term) {
        return bytes[committed(index, term) + 1] & ~ASKED_FOR;
    }

    boolean wasAskedFor(int index, int term) {
        return (bytes[committed(index, term) + 1] & ASKED_FOR) != 0;
    }

    boolean mayBeLost(int index, int term) {
        return (bytes[committed(index, term)] & MAY_BE_LOST) != 0;
    }

    void commit(int index, int term, int in, int epoch, boolean isAskedFor) {
        bytes[committed(index, term)] = (byte) in;
        bytes[committed(index, term) + 1] = (byte) (isAskedFor ? epoch | ASKED_FOR : epoch);
    }

    /** A majority has lost its memory: of what is committed by now nothing is promised to be kept. */
    void letBeLost() {
        for (int at = layout.committedBase(); at < layout.crashes(); at += 2) {
            if (bytes[at] != 0) {
                bytes[at] |= (byte) MAY_BE_LOST;
            }
        }
    }

    /** A bit for the newest configuration that was committed, of all that voters know of, and for each one that is newer. */
    int configurationsInForce() {
        int newest = 0;
        for (int voter = 0; voter < layout.voters(); voter++) {
            int onDisk = age(get(voter, CONFIGURATION_TERM), get(voter, CONFIGURATION_INDEX));
            newest = Math.max(newest, isCommitted(onDisk) ? onDisk : 0);
            for (int index = 1; index <= length(voter); index++) {
                int age = ageOfEntry(voter, index);
                newest = Math.max(newest, isCommitted(age) ? age : 0);
            }
        }
        int inForce = newest == 0 ? 1 : 0;
        for (int voter = 0; voter < layout.voters(); voter++) {
            int onDisk = age(get(voter, CONFIGURATION_TERM), get(voter, CONFIGURATION_INDEX));
            inForce |= onDisk > 0 && onDisk >= newest ? 1 << get(voter, CONFIGURATION) : 0;
            for (int index = 1; index <= length(voter); index++) {
                int age = ageOfEntry(voter, index);
                inForce |= age > 0 && age >= newest ? 1 << (kindOf(entry(voter, index)) - layout.configuration(0)) : 0;
            }
        }
        return inForce;
    }

    private int ageOfEntry(int voter, int index) {
        int entry = entry(voter, index);
        return kindOf(entry) >= layout.configuration(0) ? age(termOf(entry), index) : 0;
    }

    /** Term and index of a configuration's entry, as one number. */
    static int age(int term, int index) {
        return term << 8 | index;
    }

    private boolean isCommitted(int age) {
        return age > 0 && committedIn(age & 0xff, age >> 8) != 0;
    }

    // ---- what makes no difference

    /** An entry that tells of a voter's rejoining is like any other, once it can't make that voter caught up any more. */
    void forgetRejoined(int voter) {
        for (int other = 0; other < layout.voters(); other++) {
            forgetRejoined(voter, other * voterSize + LOG, length(other));
        }
        for (int term = 1; term <= layout.terms(); term++) {
            forgetRejoined(voter, term(term) + 3, bytes[term(term) + 2]);
        }
    }

    private void forgetRejoined(int voter, int log, int length) {
        for (int i = log; i < log + length; i++) {
            int entry = bytes[i] & 0xff;
            if (entry % kinds == REJOINED + voter) {
                bytes[i] = (byte) (entry - REJOINED - voter + (layout.configurations() == 1 ? REQUEST : OWN));
            }
        }
    }

    /** Forgets requests and entries under way that no voter would take. */
    void forgetWhatHasNoEffect() {
        for (int voter = 0; voter < layout.voters(); voter++) {
            if (get(voter, ASKED) != 0 && !isHeard(voter)) {
                set(voter, ASKED, 0);
                set(voter, ASKED_LENGTH, 0);
                set(voter, ASKED_LAST, 0);
            }
        }
        for (int term = 1; term <= layout.terms(); term++) {
            if (bytes[term(term) + 2] != 0 && !isTaken(term)) {
                forgetSent(term);
            }
        }
    }

    private boolean isHeard(int candidate) {
        int term = get(candidate, ASKED);
        for (int voter = 0; voter < layout.voters(); voter++) {
            int vote = get(voter, VOTE);
            if (voter != candidate
                    && (get(voter, TERM) < term
                            || (get(voter, TERM) == term
                                    && (vote == 0 || (vote == candidate + 1 && is(candidate, CANDIDATE, term)))))) {
                return true;
            }
        }
        return false;
    }

    private boolean isTaken(int term) {
        for (int voter = 0; voter < layout.voters(); voter++) {
            if (voter != leaderOf(term) && get(voter, TERM) <= term) {
                return true;
            }
        }
        return false;
    }

    // ---- identity

    /** The same for states that differ by the names of the voters only, as far as the permutations go. */
    long fingerprint(Permutations permutations) {
        long[] looks = permutations.looks;
        for (int voter = 0; voter < layout.voters(); voter++) {
            looks[voter] = look(voter);
        }
        long least = 0;
        boolean any = false;
        for (int p = 0; p < permutations.count(); p++) {
            if (permutations.isInOrder(p)) {
                long hash = hash(permutations, p);
                if (!any || Long.compareUnsigned(hash, least) < 0) {
                    least = hash;
                    any = true;
                }
            }
        }
        return least;
    }

    /** What can be told of a voter without naming any. */
    private long look(int voter) {
        int base = voter * voterSize;
        long hash = 0x1234567;
        for (int field = ROLE; field <= LENGTH; field++) {
            int value = bytes[base + field] & 0xff;
            if (field == VOTE) {
                value = value == 0 ? 0 : value == voter + 1 ? 1 : 2;
            } else if (field == GRANTS || field == CONDITIONAL) {
                value = Integer.bitCount(value);
            }
            hash = mix(hash, value);
        }
        int length = length(voter);
        for (int i = 0; i < length; i++) {
            int entry = bytes[base + LOG + i] & 0xff;
            int kind = entry % kinds - REJOINED;
            hash = mix(hash, kind >= 0 && kind < layout.voters() ? entry / kinds + (kind == voter ? 500 : 600) : entry);
        }
        return hash;
    }

    private long hash(Permutations permutations, int p) {
        long hash = bytes[layout.crashes()];
        for (int place = 0; place < layout.voters(); place++) {
            int voter = permutations.voter(p, place);
            int base = voter * voterSize;
            hash = mix(hash, bytes[base + ROLE] << 8 | bytes[base + FLAGS]);
            int vote = bytes[base + VOTE];
            hash = mix(hash, bytes[base + TERM] << 8 | (vote == 0 ? 0 : permutations.place(p, vote - 1) + 1));
            hash = mix(
                    hash,
                    permutations.places(p, bytes[base + GRANTS] & 0xff) << 8
                            | permutations.places(p, bytes[base + CONDITIONAL] & 0xff));
            hash = mix(hash, bytes[base + START] << 8 | bytes[base + COMMIT]);
            hash = mix(hash, bytes[base + ASKED] << 16 | bytes[base + ASKED_LENGTH] << 8 | bytes[base + ASKED_LAST]);
            if (layout.configurations() > 1) {
                hash = mix(
                        hash,
                        bytes[base + PREVIOUS] << 24
                                | bytes[base + CONFIGURATION] << 16
                                | bytes[base + CONFIGURATION_TERM] << 8
                                | bytes[base + CONFIGURATION_INDEX]);
            }
            hash = hashOfLog(hash, base + LOG, bytes[base + LENGTH], permutations, p);
            if (bytes[base + ROLE] == LEADER) {
                for (int other = 0; other < layout.voters(); other++) {
                    hash = mix(hash, bytes[base + LOG + layout.entries() + permutations.voter(p, other)]);
                }
            }
        }
        for (int term = 1; term <= layout.terms(); term++) {
            int base = term(term);
            int leader = bytes[base];
            if (leader != 0) {
                hash = mix(hash, term << 16 | (permutations.place(p, leader - 1) + 1) << 8 | bytes[base + 1]);
                hash = hashOfLog(hash, base + 3, bytes[base + 2], permutations, p);
            }
        }
        for (int at = layout.committedBase(); at < layout.crashes(); at += 2) {
            if (bytes[at] != 0) {
                hash = mix(hash, at << 16 | (bytes[at] & 0xff) << 8 | bytes[at + 1]);
            }
        }
        return hash ^ hash >>> 32;
    }

    private long hashOfLog(long seed, int from, int length, Permutations permutations, int p) {
        long hash = mix(seed, length);
        for (int i = from; i < from + length; i++) {
            int entry = bytes[i] & 0xff;
            int kind = entry % kinds - REJOINED;
            hash = mix(hash, kind >= 0 && kind < layout.voters() ? entry - kind + permutations.place(p, kind) : entry);
        }
        return hash;
    }

    private static long mix(long hash, int value) {
        long h = (hash ^ value) * 0x9E3779B97F4A7C15L;
        return h ^ h >>> 29;
    }
}
