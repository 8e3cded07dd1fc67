package io.whatnot.node.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.wire.Origin;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OriginsTest {
    private final Origins origins = new Origins(
            new NodeHosts(() -> List.of("192.0.2.1:7400", "192.0.2.2:7401", "[2001:db8::1]:7400"), Runnable::run));

    private Origin of(String address) throws Exception {
        return origins.of(new InetSocketAddress(InetAddress.getByName(address), 12_345));
    }

    @Test
    void whatComesByLoopbackComesFromHere() throws Exception {
        assertThat(of("127.0.0.1")).isEqualTo(Origin.HERE);
        assertThat(of("127.1.2.3")).isEqualTo(Origin.HERE);
        assertThat(of("::1")).isEqualTo(Origin.HERE);
    }

    @Test
    void whatComesFromAMachineOfTheConfigurationComesFromANode() throws Exception {
        assertThat(of("192.0.2.2")).isEqualTo(Origin.NODE);
        assertThat(of("2001:db8::1")).isEqualTo(Origin.NODE);
    }

    @Test
    void whateverElseComesFromElsewhere() throws Exception {
        assertThat(of("192.0.2.3")).isEqualTo(Origin.ELSEWHERE);
        assertThat(origins.of(null)).isEqualTo(Origin.ELSEWHERE);
        assertThat(origins.of(InetSocketAddress.createUnresolved("localhost", 1)))
                .isEqualTo(Origin.ELSEWHERE);
    }
}
