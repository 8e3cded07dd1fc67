package io.whatnot.samples.deadlock;

import io.whatnot.client.DeadlockException;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A process that moves money from one account to another: it locks the one, and, when it is told to go on, the other. If the
 * cluster says that this would be a deadlock it gives back what it has and begins again.
 */
final class Transfer {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Transfer() {}

    /** Arguments: endpoints, its name, the account to lock first, and the other. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        String from = arguments[2];
        String to = arguments[3];
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (NamespaceManager whatnot =
                NamespaceManager.builder().name(arguments[1]).connect(arguments[0])) {
            Namespace accounts = whatnot.namespace("accounts");
            boolean first = true;
            while (!move(accounts, from, to, first ? orders : null)) {
                first = false;
            }
        }
    }

    /** Whether it was done; else it is to be tried again. */
    private static boolean move(Namespace accounts, String from, String to, @Nullable BufferedReader orders)
            throws IOException, InterruptedException {
        try (LeaseContext held = lock(accounts, from)) {
            System.out.println("has locked " + from + (orders == null ? " again" : ""));
            if (orders != null) {
                orders.readLine();
            }
            System.out.println("wants " + to + " as well");
            try (LeaseContext second = lock(accounts, to)) {
                System.out.println("has locked " + to + " too, moves the money, and is done, token " + second.token());
                return held.isHeld();
            }
        } catch (DeadlockException deadlock) {
            System.out.println("is told at once that this would never end:");
            deadlock.cycle()
                    .forEach(wait -> System.out.println("    " + wait.request().holder() + " wants "
                            + wait.request().target().path() + ", which "
                            + wait.held().holder() + " holds to " + wait.held().label()));
            System.out.println("gives back " + from + " and begins again");
            return false;
        }
    }

    private static LeaseContext lock(Namespace accounts, String account) throws InterruptedException {
        return accounts.lease(account).waitTimeout(PATIENCE).label("move money").acquire();
    }
}
