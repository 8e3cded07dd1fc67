/**
 * Sessions, and what makes a request take effect once however often it is sent: answers are kept until the client has
 * acknowledged them. The idea is Ongaro's, "Consensus" (2014), section 6.3.
 */
@NullMarked
package io.whatnot.core.state.session;

import org.jspecify.annotations.NullMarked;
