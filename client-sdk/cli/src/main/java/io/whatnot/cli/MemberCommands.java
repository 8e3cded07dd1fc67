package io.whatnot.cli;

import io.whatnot.client.Admin;
import io.whatnot.client.NamespaceManager;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Who the members of the cluster are, and who of them leads. */
@Command(
        name = "member",
        mixinStandardHelpOptions = true,
        description =
                "For operators, on the machine of a node: shows, adds, replaces and removes the nodes of the cluster, and"
                        + " hands leadership over. A member is named by its name, one that is to be added by host:port,"
                        + " where other nodes reach it.",
        subcommands = {
            MemberCommands.Show.class,
            MemberCommands.Add.class,
            MemberCommands.AddLearner.class,
            MemberCommands.Promote.class,
            MemberCommands.Remove.class,
            MemberCommands.Replace.class,
            MemberCommands.Transfer.class
        })
final class MemberCommands {
    /** A new node may have much to catch up with. */
    private static final int CHANGE_SECONDS_MIN = 60;

    /** What all of them have. */
    abstract static class OfMembers implements Callable<Integer> {
        @Mixin
        private Connection connection = new Connection();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            try (NamespaceManager manager = connection.openHere(CHANGE_SECONDS_MIN)) {
                run(manager.admin(), spec.commandLine().getOut());
                return 0;
            }
        }

        abstract void run(Admin admin, PrintWriter out) throws InterruptedException;
    }

    /** Shows them. */
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Shows the members. Needs no leader.")
    static final class Show extends OfMembers {
        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            List<Admin.Member> members = admin.members();
            out.printf("%-10s %-22s %-22s %s%n", "node", "clients", "nodes", "");
            for (Admin.Member member : members) {
                out.printf("%-10s %-22s %-22s %s%n", member.name(), member.endpoint(), member.raft(), member.role());
            }
        }
    }

    /** Adds a voter. */
    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description =
                    "Adds a node that was started with --join: as a learner, and when it has caught up, as a voter.")
    static final class Add extends OfMembers {
        @Parameters(paramLabel = "HOST:PORT", description = "Where other nodes reach it.")
        private String raft = "";

        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            admin.addMember(raft);
            out.println(raft + " is a voter");
        }
    }

    /** Adds a learner. */
    @Command(
            name = "add-learner",
            mixinStandardHelpOptions = true,
            description =
                    "Adds a node that was started with --join as a learner: it serves clients, and does not vote.")
    static final class AddLearner extends OfMembers {
        @Parameters(paramLabel = "HOST:PORT", description = "Where other nodes reach it.")
        private String raft = "";

        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            admin.addLearner(raft);
            out.println(raft + " is a learner");
        }
    }

    /** Promotes a learner. */
    @Command(
            name = "promote",
            mixinStandardHelpOptions = true,
            description = "Makes a learner a voter, when it has caught up.")
    static final class Promote extends OfMembers {
        @Parameters(paramLabel = "NODE")
        private String member = "";

        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            admin.promote(member);
            out.println(member + " is a voter");
        }
    }

    /** Removes a member. */
    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Removes a member, which stops. Its name and endpoint are not to be used again.")
    static final class Remove extends OfMembers {
        @Parameters(paramLabel = "NODE")
        private String member = "";

        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            admin.removeMember(member);
            out.println(member + " is removed");
        }
    }

    /** Replaces a member. */
    @Command(
            name = "replace",
            mixinStandardHelpOptions = true,
            description =
                    "Puts a learner, or a node that was started with --join, in the place of a voter, dead or alive.")
    static final class Replace extends OfMembers {
        @Parameters(paramLabel = "NODE", index = "0")
        private String member = "";

        @Parameters(paramLabel = "BY", index = "1", description = "A learner, or host:port of a new node.")
        private String by = "";

        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            admin.replaceMember(member, by);
            out.println(by + " has the place of " + member);
        }
    }

    /** Hands leadership over. */
    @Command(name = "transfer", mixinStandardHelpOptions = true, description = "Has that voter lead.")
    static final class Transfer extends OfMembers {
        @Parameters(paramLabel = "NODE")
        private String to = "";

        @Override
        void run(Admin admin, PrintWriter out) throws InterruptedException {
            admin.transferLeadership(to);
            out.println(to + " leads");
        }
    }
}
