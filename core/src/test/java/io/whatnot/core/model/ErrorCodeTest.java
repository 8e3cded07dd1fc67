package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {
    @Test
    void theNumbersOnTheWireNeverChange() {
        assertThat(Arrays.stream(ErrorCode.values())
                        .map(code -> code.number() + " " + code)
                        .collect(Collectors.joining("\n")))
                .isEqualTo("""
                        1 INVALID_PATH
                        2 INVALID_ARGUMENT
                        3 NO_SUCH_NAMESPACE
                        4 NAMESPACE_EXISTS
                        5 NO_SUCH_ELEMENT
                        6 ELEMENT_EXISTS
                        7 HAS_CHILDREN
                        8 LOCKED
                        9 LOCK_TIMEOUT
                        10 LEASE_LOST
                        11 STALE_TOKEN
                        12 STALE_REQUEST
                        13 OWNER_BUSY
                        14 DEADLOCK
                        15 TOO_MANY_WAITERS
                        16 POOL_EXISTS
                        17 NO_SUCH_POOL
                        18 CLAIM_TOO_LARGE
                        19 CONDITION_FAILED
                        20 COMPACTED
                        21 VIEW_EXPIRED
                        22 SESSION_EXPIRED
                        23 UNAUTHENTICATED
                        24 PERMISSION_DENIED
                        25 RATE_LIMITED
                        26 RESOURCE_EXHAUSTED
                        27 RECOVERING
                        28 UNAVAILABLE
                        29 TIMEOUT
                        30 UNSUPPORTED
                        31 INTERNAL""");
    }

    @Test
    void onlyWhatMaySucceedLaterIsRetried() {
        assertThat(Arrays.stream(ErrorCode.values()).filter(ErrorCode::isRetryable))
                .containsExactly(
                        ErrorCode.RATE_LIMITED, ErrorCode.RECOVERING, ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT);
    }

    @Test
    void everyCodeSaysInASentenceWhatItMeans() {
        assertThat(ErrorCode.values())
                .allSatisfy(code -> assertThat(code.meaning()).matches("[A-Z][^.]*\\."));
    }

    @Test
    void thePageOfErrorsIsMadeFromThem() throws IOException {
        Path page = Path.of("..", "docs", "errors.md");
        String made = page();
        if (System.getProperty("errors.rewrite") != null) {
            Files.writeString(page, made);
        }
        assertThat(Files.readString(page)).as("-Derrors.rewrite writes it anew").isEqualTo(made);
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Errors

                One set of codes for all modules and the wire, made from `ErrorCode`. In the SDK a `WhatnotException` bears the code,
                a message that names the input, the rule and the way out, and what became of the request: `NOT_APPLIED` is sure,
                `UNKNOWN` means that it may have taken effect, which is then settled in the background. What may succeed later is
                retried by the SDK under the same number, until the caller's time-out.

                | number | code | meaning | retried | what to do |
                |---|---|---|---|---|
                """);
        for (ErrorCode code : ErrorCode.values()) {
            page.append("| %d | %s | %s | %s | %s |\n"
                    .formatted(code.number(), code, code.meaning(), code.isRetryable() ? "yes" : "", code.remedy()));
        }
        return page.toString();
    }
}
