package io.holdfast.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.holdfast.framing.Line;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Links that lead back to a port of the same process.
 */
@ParameterizedClass
@EnumSource(Transport.class)
class OwnLinksTests {

	private final LoopServer server;

	private final NettyClientConnectionFactory links;

	OwnLinksTests(Transport transport) {
		this.server = new LoopServer(transport, 2);
		this.links = new NettyClientConnectionFactory("localhost", 1, this.server.loops());
	}

	@BeforeEach
	void prepare() {
		this.links.setFraming(new Line(Line.Ending.LF, 2048));
		this.links.setDelivery(Delivery.EVENT_LOOP);
		this.links.start();
	}

	@AfterEach
	void stop() {
		this.links.stop();
		this.server.close();
	}

	private InetSocketAddress address() throws IOException {
		return new InetSocketAddress(InetAddress.getLoopbackAddress(), this.server.port());
	}

	private CompletableFuture<NettyTcpConnection> connect() throws IOException {
		return this.links.connect(this.server.loops().preferred(), address(), Duration.ofSeconds(5), (connection) -> {
		});
	}

	@Test
	void refusedBeforeTheyConnect() throws Exception {
		this.server.factory().setRefuseOwnLinks(true);
		this.server.start((message) -> {
		});
		InetSocketAddress address = address();
		await().until(() -> this.server.loops().ports().refuseLinkTo(address));
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> connect().get(10, TimeUnit.SECONDS))
			.havingCause()
			.isInstanceOf(ConnectException.class)
			.withMessage("is a listener of this gateway, which relays as well");
		assertThat(this.server.loops().links().open()).isZero();
		assertThat(this.server.loops().ports().accepted()).isZero();
	}

	@Test
	void goWhereTheyMay() throws Exception {
		this.server.start((message) -> {
		});
		NettyTcpConnection link = connect().get(10, TimeUnit.SECONDS);
		assertThat(this.server.accepted().poll(10, TimeUnit.SECONDS)).isNotNull();
		assertThat(link.isOpen()).isTrue();
	}

}
