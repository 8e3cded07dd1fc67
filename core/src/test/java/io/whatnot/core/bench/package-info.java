/** What single commands cost, measured by JMH: {@code scripts/microbench}. */
@NullMarked
package io.whatnot.core.bench;

import org.jspecify.annotations.NullMarked;
