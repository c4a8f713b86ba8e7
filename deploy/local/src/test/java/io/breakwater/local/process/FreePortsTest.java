package io.breakwater.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FreePortsTest {

    @Test
    void givesNoPortTwice() {
        assertThat(Stream.generate(FreePorts::next).limit(250)).doesNotHaveDuplicates();
    }

    @Test
    void seesAPortThatIsTaken() throws IOException {
        int port = FreePorts.next();
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            assertThat(socket.isBound()).isTrue();
            assertThat(FreePorts.isFree(port)).isFalse();
            assertThat(FreePorts.isServed(port)).isTrue();
        }
        assertThat(FreePorts.isFree(port)).isTrue();
        assertThat(FreePorts.isServed(port)).isFalse();
    }
}
