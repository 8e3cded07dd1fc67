package io.whatnot.cli;

import io.whatnot.client.Admin;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What operators do, on the machine of a node. */
@Command(
        name = "admin",
        mixinStandardHelpOptions = true,
        description =
                "For operators, on the machine of a node: ends what belongs to others, changes settings, and raises"
                        + " the feature level.",
        subcommands = {
            AdminCommands.Revoke.class,
            AdminCommands.EndSession.class,
            AdminCommands.Drop.class,
            AdminCommands.OfNamespace.class,
            AdminCommands.ShowSettings.class,
            AdminCommands.ChangeSettings.class,
            AdminCommands.Level.class
        })
final class AdminCommands {
    /** What all of them have. */
    abstract static class OfOperator implements Callable<Integer> {
        @Mixin
        private Connection connection = new Connection();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            try (NamespaceManager manager = connection.openHere()) {
                run(manager.admin(), spec.commandLine().getOut());
                return 0;
            }
        }

        abstract void run(Admin admin, PrintWriter out) throws Exception;
    }

    /** Ends a lease. */
    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = "Ends a lease, or takes a waiting request out of line, as leases and queue name it.")
    static final class Revoke extends OfOperator {
        @Parameters(paramLabel = "SESSION.NUMBER")
        private String lease = "";

        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            String[] parts = lease.split("\\.", -1);
            if (parts.length != 2 || !lease.matches("[0-9]{1,18}\\.[0-9]{1,18}")) {
                throw new IllegalArgumentException("\"" + lease + "\" names no lease; write SESSION.NUMBER");
            }
            admin.revoke(new LeaseId(Long.parseLong(parts[0]), Long.parseLong(parts[1])));
            out.println("revoked " + lease);
        }
    }

    /** Ends a session. */
    @Command(
            name = "end-session",
            mixinStandardHelpOptions = true,
            description = "Ends a session and everything it owns.")
    static final class EndSession extends OfOperator {
        @Parameters(paramLabel = "SESSION")
        private long session;

        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            admin.endSession(session);
            out.println("ended session " + session);
        }
    }

    /** Drops a namespace. */
    @Command(
            name = "drop",
            mixinStandardHelpOptions = true,
            description = "Removes a namespace with everything in it, whoever holds locks there.")
    static final class Drop extends OfOperator {
        @Parameters(paramLabel = "NAMESPACE")
        private String name = "";

        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            admin.dropNamespace(name);
            out.println("dropped " + name);
        }
    }

    /** Shows and changes what is set for a namespace. */
    @Command(
            name = "namespace",
            mixinStandardHelpOptions = true,
            description = "Describes a namespace; changes what is set for it, if that is given.")
    static final class OfNamespace implements Callable<Integer> {
        /** Of a switch. */
        enum Position {
            on,
            off
        }

        @Parameters(paramLabel = "NAMESPACE")
        private String name = "";

        @Option(
                names = "--deadlock-break",
                paramLabel = "on|off",
                description = "Whether deadlocks are cut, or left to the requests' own time-outs.")
        private @Nullable Position deadlockBreak;

        @Mixin
        private Connection connection = new Connection();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws InterruptedException {
            PrintWriter out = spec.commandLine().getOut();
            try (NamespaceManager manager = connection.openHere()) {
                if (deadlockBreak != null) {
                    manager.admin().deadlockBreak(name, deadlockBreak == Position.on);
                }
                for (Result.NamespaceView view : manager.namespaces()) {
                    if (view.name().equals(name)) {
                        out.println(name + "  " + view.elements() + " elements, made at revision "
                                + view.createRevision() + ", deadlock break "
                                + (view.deadlockBreak() ? Position.on : Position.off));
                        return 0;
                    }
                }
            }
            spec.commandLine().getErr().println("there is no namespace " + name);
            return 1;
        }
    }

    /** Shows settings. */
    @Command(
            name = "settings",
            mixinStandardHelpOptions = true,
            description = "Shows the settings of the cluster, and how much of the limits is used.")
    static final class ShowSettings extends OfOperator {
        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            out.printf("%-18s %14s %14s  %s%n", "setting", "value", "used", "range");
            for (Result.SettingView setting : admin.settings()) {
                out.printf(
                        "%-18s %14d %14s  %d to %d%n",
                        setting.name(),
                        setting.value(),
                        setting.used().isPresent() ? setting.used().getAsLong() : "",
                        setting.min(),
                        setting.max());
            }
        }
    }

    /** Changes settings. */
    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description = "Changes settings of the cluster, all that are named or none.")
    static final class ChangeSettings extends OfOperator {
        @Parameters(paramLabel = "NAME=VALUE", arity = "1..*")
        private Map<String, Long> settings = new LinkedHashMap<>();

        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            admin.changeSettings(settings);
            settings.forEach((name, value) -> out.println(name + " is " + value));
        }
    }

    /** Raises the feature level. */
    @Command(
            name = "level",
            mixinStandardHelpOptions = true,
            description = "Raises the feature level of the cluster, for good, once all nodes support it: see status.")
    static final class Level extends OfOperator {
        @Parameters(paramLabel = "LEVEL")
        private int level;

        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            admin.raiseLevel(level);
            out.println("the feature level is " + level);
        }
    }
}
