package io.whatnot.client.internal;

import io.whatnot.client.Namespace;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Value;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Writes a namespace down, page by page, all from the revision of the first. */
final class Export {
    private final Namespace namespace;
    private final Pages pages;

    /** Reads a page of everything below the root. */
    interface Pages {
        Result.Page read(AbsolutePath after, long view) throws InterruptedException;
    }

    Export(Namespace namespace, Pages pages) {
        this.namespace = namespace;
        this.pages = pages;
    }

    long writeTo(OutputStream out) throws IOException, InterruptedException {
        Writer lines = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        Result.Page page;
        Optional<ElementView> root;
        do {
            // A listing leaves out where it begins. The root read after it is the root of its revision unless it is
            // newer.
            page = pages.read(AbsolutePath.ROOT, 0);
            root = namespace.get("/");
        } while (root.isPresent() && root.get().modRevision().compareTo(page.revision()) > 0);
        long count = 0;
        if (root.isPresent() && !root.get().value().equals(Value.NONE)) {
            count += write(root.get(), lines);
        }
        while (true) {
            for (ElementView element : page.elements()) {
                count += write(element, lines);
            }
            if (!page.more()) {
                lines.flush();
                return count;
            }
            page = pages.read(page.elements().get(page.elements().size() - 1).path(), page.view());
        }
    }

    private static int write(ElementView element, Writer lines) throws IOException {
        if (element.ephemeralSession() != 0) {
            return 0;
        }
        lines.write(new ElementLine(element.path(), element.value(), element.ttlMillis()).toJson());
        lines.write('\n');
        return 1;
    }
}
