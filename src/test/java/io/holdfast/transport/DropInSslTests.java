package io.holdfast.transport;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpMessageMapper;
import org.springframework.integration.ip.tcp.connection.TcpSSLContextSupport;
import org.springframework.integration.ip.tcp.outbound.TcpOutboundGateway;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.integration.ip.tcp.serializer.TcpCodecs;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.transport.DropInRig.eventually;
import static io.holdfast.transport.DropInRig.finished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * TLS on either kind of factory, with each other and with the JDK's own sockets.
 */
@ParameterizedClass
@EnumSource(Kind.class)
class DropInSslTests {

	private static TcpSSLContextSupport local;

	private static TcpSSLContextSupport elsewhere;

	private static TcpSSLContextSupport stranger;

	@RegisterExtension
	private final DropInRig rig;

	DropInSslTests(Kind kind) {
		this.rig = new DropInRig(kind);
	}

	@BeforeAll
	static void makeStores(@TempDir Path directory) {
		TestStores stores = TestStores.in(directory);
		stores.make("local", "dns:localhost,ip:" + DropInRig.HOST);
		stores.make("elsewhere", "dns:elsewhere.example");
		local = stores.support("local", "local");
		elsewhere = stores.support("elsewhere", "elsewhere");
		stranger = stores.support("elsewhere", "local");
	}

	@Test
	void bothSidesTalkThroughTls() throws Exception {
		var server = this.rig.tlsServer(local);
		this.rig.echo(server);
		var client = this.rig.tlsClient(this.rig.listen(server), local);
		Inbox replies = new Inbox();
		TcpOutboundGateway gateway = this.rig.outboundGateway(client, replies);
		this.rig.start();
		gateway.handleMessage(new GenericMessage<>("hello"));
		assertThat(replies.nextText()).isEqualTo("hello");
		SSLSession session = Objects.requireNonNull(client.getConnection().getSslSession());
		assertThat(session.getProtocol()).startsWith("TLSv1.");
		assertThat(session.getPeerPrincipal().getName()).isEqualTo("CN=local");
		assertThat(this.rig.events(server).ofConnections()).containsExactly("Open");
		assertThat(this.rig.events(client).ofConnections()).containsExactly("Open");
	}

	@Test
	void serverSeesTheSessionOfEachMessage() throws Exception {
		var server = this.rig.tlsServer(local);
		TcpMessageMapper mapper = new TcpMessageMapper() {

			@Override
			protected Map<String, ?> supplyCustomHeaders(TcpConnection connection) {
				return Map.of("cipher", Objects.requireNonNull(connection.getSslSession()).getCipherSuite());
			}

		};
		mapper.setBeanFactory(this.rig.beans());
		server.setMapper(mapper);
		Inbox inbox = this.rig.inbox(server);
		RawPeer peer = tlsPeer(this.rig.listen(server)).write("hello\r\n");
		String cipher = ((SSLSocket) peer.socket()).getSession().getCipherSuite();
		assertThat(inbox.next().getHeaders()).containsEntry("cipher", cipher);
	}

	@Test
	void serverTalksToAPlainTlsSocket() throws Exception {
		var server = this.rig.tlsServer(local);
		this.rig.echo(server);
		RawPeer peer = tlsPeer(this.rig.listen(server)).write("one\r\n").write("two\r\n");
		assertThat(List.of(peer.readLine(), peer.readLine())).containsExactly("one", "two");
		peer.close();
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
	}

	@Test
	void clientTalksToAPlainTlsSocket() throws Exception {
		RawPeer.Port port = tlsPort();
		var client = this.rig.tlsClient(port.number(), local);
		TcpSendingMessageHandler sender = this.rig.sender(client);
		Inbox inbox = this.rig.inbox(client);
		this.rig.start();
		var sending = this.rig.async(() -> sender.handleMessage(new GenericMessage<>("hello")));
		RawPeer peer = this.rig.accept(port);
		assertThat(peer.readLine()).isEqualTo("hello");
		finished(List.of(sending));
		peer.write("reply\r\n");
		assertThat(inbox.nextText()).isEqualTo("reply");
	}

	@Test
	void largeMessagesPass() {
		var server = this.rig.tlsServer(local);
		server.setSerializer(TcpCodecs.lengthHeader4(1_000_000));
		server.setDeserializer(TcpCodecs.lengthHeader4(1_000_000));
		this.rig.echo(server);
		var client = this.rig.tlsClient(this.rig.listen(server), local);
		client.setSerializer(TcpCodecs.lengthHeader4(1_000_000));
		client.setDeserializer(TcpCodecs.lengthHeader4(1_000_000));
		Inbox replies = new Inbox();
		TcpOutboundGateway gateway = this.rig.outboundGateway(client, replies);
		this.rig.start();
		byte[] large = "0123456789".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
		gateway.handleMessage(new GenericMessage<>(large));
		assertThat(Arrays.equals(replies.nextBytes(), large)).isTrue();
	}

	@Test
	void plainBytesEndTheConnection() {
		var server = this.rig.tlsServer(local);
		Inbox inbox = this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server)).write("this is not a greeting at all\r\n");
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
		assertThat(this.rig.events(server).failure()).isInstanceOf(SSLException.class);
		assertThat(inbox.isEmpty()).isTrue();
	}

	@Test
	void clientRefusesACertificateThatItDoesNotTrust() {
		var server = this.rig.tlsServer(local);
		Inbox inbox = this.rig.inbox(server);
		var client = this.rig.tlsClient(this.rig.listen(server), elsewhere);
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		assertThatExceptionOfType(MessagingException.class)
			.isThrownBy(() -> sender.handleMessage(new GenericMessage<>("secret")));
		eventually(() -> assertThat(client.getOpenConnectionIds()).isEmpty());
		eventually(() -> assertThat(server.getOpenConnectionIds()).isEmpty());
		assertThat(inbox.isEmpty()).isTrue();
	}

	@Test
	void clientRefusesACertificateForAnotherHost() {
		var server = this.rig.tlsServer(elsewhere);
		Inbox inbox = this.rig.inbox(server);
		var client = this.rig.tlsClient(this.rig.listen(server), elsewhere);
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		assertThatExceptionOfType(MessagingException.class)
			.isThrownBy(() -> sender.handleMessage(new GenericMessage<>("secret")));
		eventually(() -> assertThat(client.getOpenConnectionIds()).isEmpty());
		assertThat(inbox.isEmpty()).isTrue();
	}

	@Test
	void refusedCertificateEndsTheClientConnection() throws Exception {
		var server = this.rig.tlsServer(elsewhere);
		this.rig.inbox(server);
		var client = this.rig.tlsClient(this.rig.listen(server), elsewhere);
		this.rig.start();
		Throwable refused = catchThrowable(client::getConnection);
		if (refused == null) { // the stock factory does not wait for the handshake
			eventually(() -> assertThat(this.rig.events(client).ofConnections()).containsExactly("Open", "Exception",
					"Close"));
			refused = this.rig.events(client).failure();
		}
		assertThat(refused).hasRootCauseInstanceOf(CertificateException.class);
	}

	@Test
	void hostNamesMayBeLeftUnverified() {
		var server = this.rig.tlsServer(elsewhere);
		Inbox inbox = this.rig.inbox(server);
		var client = this.rig.tlsClient(this.rig.listen(server), elsewhere);
		this.rig.tlsParameters(client, (parameters) -> parameters.setEndpointIdentificationAlgorithm(null));
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		sender.handleMessage(new GenericMessage<>("hello"));
		assertThat(inbox.nextText()).isEqualTo("hello");
	}

	@Test
	void serverMayDemandACertificate() throws Exception {
		var server = this.rig.tlsServer(local);
		this.rig.tlsParameters(server, (parameters) -> parameters.setNeedClientAuth(true));
		Inbox inbox = this.rig.inbox(server);
		int port = this.rig.listen(server);
		RawPeer unknown = tlsPeer(port, stranger);
		// under TLS 1.3 a client may learn only later that it was refused
		var unused = catchThrowable(() -> unknown.write("let me in\r\n"));
		eventually(() -> assertThat(this.rig.events(server).ofConnections()).containsExactly("Open", "Exception",
				"Close"));
		assertThat(this.rig.events(server).failure()).isInstanceOf(SSLException.class);
		tlsPeer(port).write("hello\r\n");
		assertThat(inbox.nextText()).isEqualTo("hello");
		assertThat(inbox.isEmpty()).isTrue();
	}

	@Test
	void supportMayChooseTheProtocol() throws Exception {
		var server = this.rig.tlsServer(local);
		this.rig.tlsParameters(server, (parameters) -> parameters.setProtocols(new String[] { "TLSv1.2" }));
		this.rig.echo(server);
		RawPeer peer = tlsPeer(this.rig.listen(server)).write("hello\r\n");
		assertThat(peer.readLine()).isEqualTo("hello");
		assertThat(((SSLSocket) peer.socket()).getSession().getProtocol()).isEqualTo("TLSv1.2");
	}

	@Test
	void silentPeerDoesNotHoldUpOthers() throws Exception {
		var server = this.rig.tlsServer(local);
		this.rig.echo(server);
		int port = this.rig.listen(server);
		this.rig.connect(port);
		assertThat(tlsPeer(port).write("hello\r\n").readLine()).isEqualTo("hello");
	}

	private RawPeer tlsPeer(int port) throws Exception {
		return tlsPeer(port, local);
	}

	private RawPeer tlsPeer(int port, TcpSSLContextSupport tls) throws Exception {
		return this.rig.peer(tls.getSSLContext().getSocketFactory().createSocket(DropInRig.LOOPBACK, port));
	}

	private RawPeer.Port tlsPort() throws Exception {
		return this.rig
			.port(local.getSSLContext().getServerSocketFactory().createServerSocket(0, 50, DropInRig.LOOPBACK));
	}

}
