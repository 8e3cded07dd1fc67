package io.whatnot.core.state.lock;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.map.Edit;
import io.whatnot.core.testing.Steps;
import io.whatnot.core.testing.WaitGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Few owners who hold and wait for much on few paths, so that who waits for whom matters all the time. */
abstract class CrowdedLocks {
    private static final List<String> PATHS = List.of("/", "/a", "/a/a", "/a/b", "/b", "/b/a");

    /** What is held or waited for, as the naive graph sees it. */
    record Claim(LeaseId id, Owner owner, String namespace, List<Target> targets) implements WaitGraph.Claim {
        static Claim of(WaitingRequest request) {
            return new Claim(request.id(), request.owner(), request.namespace(), request.targets());
        }

        Lease lease() {
            return new Lease(id, namespace, targets, owner, 1, 0, 0, 0, "");
        }
    }

    final SplittableRandom random;
    final Steps steps;
    final Locks locks = new Locks(new Edit());
    final Map<LeaseId, Claim> held = new TreeMap<>();
    final List<Claim> waiting = new ArrayList<>();
    final int owners;
    private final int namespaces;
    private final int choices;
    private final int paths;
    private final int targetsMax;
    private final int prefixPercent;
    private final int sharedPercent;
    private long next;

    /**
     * Nothing is held yet.
     *
     * @param choices of so many steps three are releases, one is a withdrawal, and the others are requests
     */
    CrowdedLocks(SplittableRandom random, Steps steps, int owners, int namespaces, int choices) {
        this.random = random;
        this.steps = steps;
        this.owners = owners;
        this.namespaces = namespaces;
        this.choices = choices;
        this.paths = 2 + random.nextInt(PATHS.size() - 1);
        this.targetsMax = 1 + random.nextInt(3);
        this.prefixPercent = random.nextInt(3) * 30;
        this.sharedPercent = random.nextInt(4) * 30;
    }

    /** Somebody lets go of something, gives up waiting, or asks for more. */
    void step() {
        int choice = random.nextInt(choices);
        if (choice < 3 && !held.isEmpty()) {
            release(List.copyOf(held.values()).get(random.nextInt(held.size())));
        } else if (choice < 4 && !waiting.isEmpty()) {
            withdraw(waiting.get(random.nextInt(waiting.size())));
        } else {
            ask(request());
        }
    }

    private WaitingRequest request() {
        Owner owner = new Owner(1, "owner" + random.nextInt(owners), 0);
        Map<String, Target> targets = new TreeMap<>();
        for (int i = random.nextInt(targetsMax); i >= 0; i--) {
            String path = PATHS.get(random.nextInt(paths));
            targets.put(
                    path,
                    new Target(
                            AbsolutePath.parse(path),
                            random.nextInt(100) < prefixPercent ? Scope.PREFIX : Scope.ELEMENT,
                            random.nextInt(100) < sharedPercent ? Mode.SHARED : Mode.EXCLUSIVE));
        }
        return new WaitingRequest(
                WaitingRequest.NOT_ARRIVED,
                new LeaseId(1, ++next),
                "n" + random.nextInt(namespaces),
                List.copyOf(targets.values()),
                owner,
                0,
                0,
                1,
                "");
    }

    /** A request comes. */
    abstract void ask(WaitingRequest asked);

    /** Somebody who waits is about to be granted what he waits for. */
    void granting(Claim claim) {}

    /** All are granted what they can be. */
    abstract void settled();

    void enqueue(WaitingRequest asked) {
        WaitingRequest arrived = locks.enqueue(asked);
        waiting.add(Claim.of(asked));
        follow(locks.grantsAfter(arrived));
        settled();
    }

    void grant(Claim claim) {
        locks.grant(claim.lease());
        held.put(claim.id, claim);
    }

    private void release(Claim claim) {
        steps.add("released: " + claim);
        boolean elsewhere = locks.isWaiting(claim.owner);
        locks.end(claim.lease());
        held.remove(claim.id);
        follow(locks.grantsAfter(freed(claim, elsewhere)));
        settled();
    }

    private void withdraw(Claim claim) {
        steps.add("withdrawn: " + claim);
        takeOutOfLine(claim);
        settled();
    }

    void takeOutOfLine(Claim claim) {
        WaitingRequest request = waitingRequest(claim);
        boolean elsewhere = locks.isWaitedFor(request);
        locks.withdraw(request);
        waiting.remove(claim);
        follow(locks.grantsAfter(freed(claim, elsewhere)));
    }

    WaitingRequest waitingRequest(Claim claim) {
        return Objects.requireNonNull(locks.waiting(claim.id), () -> claim + " does not wait");
    }

    private static List<Grants.Freed> freed(Claim claim, boolean elsewhere) {
        return claim.targets.stream()
                .map(target -> new Grants.Freed(claim.namespace, target, elsewhere))
                .toList();
    }

    private void follow(Grants grants) {
        for (WaitingRequest granted = grants.next(); granted != null; granted = grants.next()) {
            Claim claim = Claim.of(granted);
            steps.add("    next: " + claim);
            granting(claim);
            locks.withdraw(granted);
            waiting.remove(claim);
            grant(claim);
        }
    }

    WaitGraph graph() {
        return new WaitGraph(List.copyOf(held.values()), waiting);
    }
}
