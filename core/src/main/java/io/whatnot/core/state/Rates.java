package io.whatnot.core.state;

/**
 * How fast leases may be asked for, and how many requests may be under way: what the leader refuses by, before the log.
 * Applying does not look at it. Of all of them 0 is no limit; of a burst, as many as the rate.
 *
 * @param identityRate leases asked for a second, by all sessions of a name together
 * @param identityBurst how many at once, after a pause
 * @param sessionRate leases asked for a second by a session
 * @param sessionBurst how many at once, after a pause
 * @param pathRate leases asked for a second on a path, by whomever
 * @param pathBurst how many at once, after a pause
 * @param sessionInFlightMax requests of a session that the leader has taken and not answered
 */
public record Rates(
        int identityRate,
        int identityBurst,
        int sessionRate,
        int sessionBurst,
        int pathRate,
        int pathBurst,
        int sessionInFlightMax) {
    /** No limits. */
    public static final Rates NONE = new Rates(0, 0, 0, 0, 0, 0, 0);

    /** Whether leases may be asked for at any rate. */
    public boolean isUnlimited() {
        return identityRate == 0 && sessionRate == 0 && pathRate == 0;
    }
}
