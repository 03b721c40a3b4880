package io.holdfast.transport;

import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.ip.tcp.connection.AbstractConnectionFactory;
import org.springframework.integration.ip.tcp.connection.DefaultTcpSocketSupport;
import org.springframework.integration.ip.tcp.connection.SocketInfo;
import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpConnectionOpenEvent;

import static io.holdfast.transport.DropInRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Options reach the socket, and a {@code TcpSocketSupport} has the last word on them.
 */
@ParameterizedClass
@EnumSource(Kind.class)
class DropInSocketOptionsTests {

	@RegisterExtension
	private final DropInRig rig;

	private final Sockets sockets = new Sockets();

	DropInSocketOptionsTests(Kind kind) {
		this.rig = new DropInRig(kind);
	}

	@Test
	void optionsOfAServerAreOnItsSockets() throws Exception {
		var server = this.rig.server();
		configure(server);
		this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server));
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open"));
		assertConfigured(this.sockets.first());
	}

	@Test
	void optionsOfAClientAreOnItsSockets() throws Exception {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		configure(client);
		this.rig.start();
		client.getConnection();
		assertConfigured(this.sockets.first());
	}

	@Test
	void optionsAreOffUnlessSet() throws Exception {
		var server = this.rig.server();
		server.setTcpSocketSupport(this.sockets);
		this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server));
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open"));
		Socket socket = this.sockets.first();
		assertThat(socket.getSoTimeout()).isZero();
		assertThat(socket.getTcpNoDelay()).isFalse();
		assertThat(socket.getKeepAlive()).isFalse();
		assertThat(socket.getSoLinger()).isNegative();
	}

	@Test
	void connectionDescribesItsOptions() throws Exception {
		var server = this.rig.server();
		configure(server);
		this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server));
		eventually(() -> assertThat(this.rig.events(server).of(TcpConnectionOpenEvent.class)).hasSize(1));
		var opened = this.rig.events(server).of(TcpConnectionOpenEvent.class).get(0);
		SocketInfo info = Objects.requireNonNull(((TcpConnection) opened.getSource()).getSocketInfo());
		assertThat(info.getKeepAlive()).isTrue();
		assertThat(info.getTcpNoDelay()).isTrue();
		assertThat(info.getSoLinger()).isEqualTo(7);
		assertThat(info.getReceiveBufferSize()).isGreaterThanOrEqualTo(32_768);
		assertThat(info.getSendBufferSize()).isGreaterThanOrEqualTo(32_768);
	}

	@Test
	void optionsThatTheSupportSetsPrevail() throws Exception {
		var server = this.rig.server();
		server.setSoKeepAlive(false);
		server.setSoTimeout(60_000);
		this.sockets.then = (socket) -> {
			socket.setKeepAlive(true);
			socket.setTcpNoDelay(true);
			socket.setSoTimeout(100);
		};
		server.setTcpSocketSupport(this.sockets);
		this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		assertThat(peer.isAtEnd()).isTrue();
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
	}

	@Test
	void socketKnowsItsEnds() throws Exception {
		var server = this.rig.server();
		server.setTcpSocketSupport(this.sockets);
		this.rig.inbox(server);
		int port = this.rig.listen(server);
		RawPeer peer = this.rig.connect(port);
		eventually(() -> assertThat(this.sockets.seen).hasSize(1));
		Socket socket = this.sockets.first();
		assertThat(socket.getLocalPort()).isEqualTo(port);
		assertThat(socket.getPort()).isEqualTo(peer.socket().getLocalPort());
		assertThat(socket.getInetAddress()).isEqualTo(DropInRig.LOOPBACK);
		assertThat(socket.getLocalAddress()).isEqualTo(DropInRig.LOOPBACK);
		assertThat(socket.isClosed()).isFalse();
		peer.close();
		eventually(() -> assertThat(socket.isClosed()).isTrue());
	}

	@Test
	void supportIsGivenTheServersSocket() {
		var server = this.rig.server();
		server.setTcpSocketSupport(this.sockets);
		this.rig.inbox(server);
		int port = this.rig.listen(server);
		assertThat(this.sockets.servers).singleElement()
			.satisfies((socket) -> assertThat(socket.getLocalPort()).isEqualTo(port));
	}

	@Test
	void supportThatFailsRefusesTheConnectionOnly() {
		var server = this.rig.server();
		this.sockets.then = (socket) -> {
			if (this.sockets.seen.size() == 1) {
				throw new IllegalStateException("not this one");
			}
		};
		server.setTcpSocketSupport(this.sockets);
		Inbox inbox = this.rig.inbox(server);
		int port = this.rig.listen(server);
		assertThat(this.rig.connect(port).isAtEnd()).isTrue();
		this.rig.connect(port).write("hello\r\n");
		assertThat(inbox.nextText()).isEqualTo("hello");
	}

	@Test
	void noLingerTurnsACloseIntoAReset() {
		var server = this.rig.server();
		server.setSoLinger(0);
		this.rig.inbox(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server));
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open"));
		server.closeConnection(server.getOpenConnectionIds().get(0));
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(peer::isAtEnd)
			.withCauseInstanceOf(SocketException.class);
	}

	@Test
	void singleUseServerWaitsTenSecondsUnlessToldOtherwise() throws Exception {
		var server = this.rig.server();
		server.setSingleUse(true);
		server.setTcpSocketSupport(this.sockets);
		this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server));
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open"));
		assertThat(this.sockets.first().getSoTimeout()).isEqualTo(10_000);
	}

	private void configure(AbstractConnectionFactory factory) {
		factory.setSoTimeout(30_000);
		factory.setSoTcpNoDelay(true);
		factory.setSoKeepAlive(true);
		factory.setSoLinger(7);
		factory.setSoReceiveBufferSize(32_768);
		factory.setSoSendBufferSize(32_768);
		factory.setSoTrafficClass(0x10);
		factory.setTcpSocketSupport(this.sockets);
	}

	private static void assertConfigured(Socket socket) throws SocketException {
		assertThat(socket.getSoTimeout()).isEqualTo(30_000);
		assertThat(socket.getTcpNoDelay()).isTrue();
		assertThat(socket.getKeepAlive()).isTrue();
		assertThat(socket.getSoLinger()).isEqualTo(7);
		assertThat(socket.getReceiveBufferSize()).isGreaterThanOrEqualTo(32_768);
		assertThat(socket.getSendBufferSize()).isGreaterThanOrEqualTo(32_768);
		assertThat(socket.getTrafficClass()).isEqualTo(0x10);
	}

	/**
	 * Keeps the sockets that pass by, and does something to them on demand.
	 */
	private static final class Sockets extends DefaultTcpSocketSupport {

		private final List<Socket> seen = new CopyOnWriteArrayList<>();

		private final List<ServerSocket> servers = new CopyOnWriteArrayList<>();

		private SocketAction then = (socket) -> {
		};

		@Override
		public void postProcessSocket(Socket socket) {
			super.postProcessSocket(socket);
			this.seen.add(socket);
			try {
				this.then.on(socket);
			}
			catch (SocketException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		@Override
		public void postProcessServerSocket(ServerSocket serverSocket) {
			this.servers.add(serverSocket);
		}

		Socket first() {
			return this.seen.get(0);
		}

	}

	private interface SocketAction {

		void on(Socket socket) throws SocketException;

	}

}
