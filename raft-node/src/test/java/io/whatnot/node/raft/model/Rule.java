package io.whatnot.node.raft.model;

/** The rules that can be taken away, one at a time, to see what they are for. */
enum Rule {
    /** The term outlives a crash. */
    TERM_ON_DISK,
    /** The vote outlives a crash. */
    VOTE_ON_DISK,
    /** A conditional vote does so too. */
    CONDITIONAL_VOTE_ON_DISK,
    /** Whoever has been a voter knows that it has been one, and so that it lacks its log. */
    MARKER_ON_DISK,
    /** The last known configuration outlives a crash. */
    CONFIGURATION_ON_DISK,
    /** The longest ttl outlives the crash of the leader that granted it. */
    TTL_ON_DISK,
    /** Only an entry about its present incarnation makes a voter caught up. */
    PRESENT_INCARNATION,
    /** Only an entry of a term not below the voter's when it started does. */
    REJOINED_NOT_BEFORE_START,
    /** That the log reaches as far as the leader's commit index is not enough. */
    COMMIT_INDEX_IS_NOT_ENOUGH,
    /** That the log holds some entry of a term not below the voter's when it started is not enough. */
    ANY_ENTRY_IS_NOT_ENOUGH,
    /** What an amnesiac grants is conditional. */
    GRANTS_OF_AMNESIACS_ARE_CONDITIONAL,
    /** An amnesiac candidate's own vote is conditional. */
    OWN_VOTE_OF_AMNESIAC_IS_CONDITIONAL,
    /** A conditional grant is a vote: it raises the term, and there is one a term. */
    CONDITIONAL_GRANT_IS_A_VOTE,
    /** An amnesiac grants nothing to a candidate whose log is older than what it has again. */
    AMNESIACS_COMPARE_LOGS,
    /** Where conditional grants count, all voters must have granted. */
    ALL_VOTERS,
    /** A conditional grant that names a configuration newer than the candidate's is void. */
    NEWER_CONFIGURATION_VOIDS,
    /** A leader by all voters appends an epoch. */
    EPOCH_ENTRY,
    /** The epoch is the term, not one more than the last. */
    EPOCH_IS_THE_TERM,
    /** The epoch is the first entry of its term. */
    EPOCH_FIRST,
    /** What comes before a new epoch in a log, and was not known to be committed, is told under the new epoch only. */
    OLD_TAIL_IS_TOLD_UNDER_THE_NEW_EPOCH,
    /** A voter whose disk was wiped does not come back under its old name. */
    NEW_ID_FOR_A_WIPED_DISK,
    /** A configuration is changed by one voter at a time, by way of a joint one. */
    ONE_CHANGE_AT_A_TIME,
    /** Nor is it changed while another voter than the one concerned is an amnesiac. */
    NO_CHANGE_WHILE_ANOTHER_IS_AMNESIAC
}
