package io.holdfast.transport;

import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.util.function.Consumer;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;

import org.springframework.integration.ip.tcp.connection.AbstractClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.AbstractConnectionFactory;
import org.springframework.integration.ip.tcp.connection.AbstractServerConnectionFactory;
import org.springframework.integration.ip.tcp.connection.DefaultTcpNetSSLSocketFactorySupport;
import org.springframework.integration.ip.tcp.connection.DefaultTcpSocketSupport;
import org.springframework.integration.ip.tcp.connection.TcpNetClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpNetServerConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpSSLContextSupport;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The kinds of connection factories that must be interchangeable. {@link #NET} is Spring
 * Integration's own and says what is right. The others are ours: on threads of their own,
 * with the best transport, or on shared ones with a transport that is second.
 */
enum Kind {

	NET(null) {

		@Override
		AbstractServerConnectionFactory server(int port, @Nullable EventLoops loops) {
			return new TcpNetServerConnectionFactory(port);
		}

		@Override
		AbstractClientConnectionFactory client(String host, int port, @Nullable EventLoops loops) {
			return new TcpNetClientConnectionFactory(host, port);
		}

		@Override
		void tls(AbstractConnectionFactory factory, TcpSSLContextSupport tls) {
			DefaultTcpNetSSLSocketFactorySupport sockets = new DefaultTcpNetSSLSocketFactorySupport(tls);
			if (factory instanceof TcpNetServerConnectionFactory server) {
				server.setTcpSocketFactorySupport(sockets);
			}
			else {
				((TcpNetClientConnectionFactory) factory).setTcpSocketFactorySupport(sockets);
			}
		}

		@Override
		void tlsParameters(AbstractConnectionFactory factory, Consumer<SSLParameters> customizer) {
			factory.setTcpSocketSupport(new TlsParametersSupport(customizer));
		}

	},

	NETTY(null), EPOLL(Transport.EPOLL), NIO(Transport.NIO);

	private final @Nullable Transport transport;

	Kind(@Nullable Transport transport) {
		this.transport = transport;
	}

	/** Loops for all factories of a test, where they have none of their own. */
	@Nullable EventLoops loops() {
		if (this.transport == null) {
			return null;
		}
		assumeTrue(this.transport.isAvailable(), () -> this + " cannot be had here");
		return new EventLoops(this.transport, 2, Clock.systemUTC(), System::nanoTime);
	}

	AbstractServerConnectionFactory server(int port, @Nullable EventLoops loops) {
		return (loops != null) ? new NettyServerConnectionFactory(port, loops) : new NettyServerConnectionFactory(port);
	}

	AbstractClientConnectionFactory client(String host, int port, @Nullable EventLoops loops) {
		return (loops != null) ? new NettyClientConnectionFactory(host, port, loops)
				: new NettyClientConnectionFactory(host, port);
	}

	/** Has a factory use TLS, in the way of each kind. */
	void tls(AbstractConnectionFactory factory, TcpSSLContextSupport tls) {
		if (factory instanceof NettyServerConnectionFactory server) {
			server.setSslContextSupport(tls);
		}
		else {
			((NettyClientConnectionFactory) factory).setSslContextSupport(tls);
		}
	}

	/** Changes what TLS asks for, in the way of each kind. */
	void tlsParameters(AbstractConnectionFactory factory, Consumer<SSLParameters> customizer) {
		if (factory instanceof NettyServerConnectionFactory server) {
			server.setSslParameters(customizer);
		}
		else {
			((NettyClientConnectionFactory) factory).setSslParameters(customizer);
		}
	}

	/** The stock way: the factory's sockets are TLS sockets. */
	private static final class TlsParametersSupport extends DefaultTcpSocketSupport {

		private final Consumer<SSLParameters> customizer;

		TlsParametersSupport(Consumer<SSLParameters> customizer) {
			this.customizer = customizer;
		}

		@Override
		public void postProcessServerSocket(ServerSocket serverSocket) {
			SSLServerSocket tls = (SSLServerSocket) serverSocket;
			SSLParameters parameters = tls.getSSLParameters();
			this.customizer.accept(parameters);
			tls.setSSLParameters(parameters);
		}

		@Override
		public void postProcessSocket(Socket socket) {
			SSLSocket tls = (SSLSocket) socket;
			SSLParameters parameters = tls.getSSLParameters();
			this.customizer.accept(parameters);
			tls.setSSLParameters(parameters);
		}

	}

}
