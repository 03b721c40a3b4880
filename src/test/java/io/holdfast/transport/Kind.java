package io.holdfast.transport;

import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.Consumer;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

import org.springframework.integration.ip.tcp.connection.AbstractClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.AbstractConnectionFactory;
import org.springframework.integration.ip.tcp.connection.AbstractServerConnectionFactory;
import org.springframework.integration.ip.tcp.connection.DefaultTcpNetSSLSocketFactorySupport;
import org.springframework.integration.ip.tcp.connection.DefaultTcpSocketSupport;
import org.springframework.integration.ip.tcp.connection.TcpNetClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpNetServerConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpSSLContextSupport;

/**
 * The kinds of connection factories that must be interchangeable. {@link #NET} is Spring
 * Integration's own and says what is right.
 */
enum Kind {

	NET {

		@Override
		AbstractServerConnectionFactory server(int port) {
			return new TcpNetServerConnectionFactory(port);
		}

		@Override
		AbstractClientConnectionFactory client(String host, int port) {
			return new TcpNetClientConnectionFactory(host, port);
		}

		@Override
		AbstractServerConnectionFactory tlsServer(int port, TcpSSLContextSupport tls) {
			TcpNetServerConnectionFactory factory = new TcpNetServerConnectionFactory(port);
			factory.setTcpSocketFactorySupport(new DefaultTcpNetSSLSocketFactorySupport(tls));
			return factory;
		}

		@Override
		AbstractClientConnectionFactory tlsClient(String host, int port, TcpSSLContextSupport tls) {
			TcpNetClientConnectionFactory factory = new TcpNetClientConnectionFactory(host, port);
			factory.setTcpSocketFactorySupport(new DefaultTcpNetSSLSocketFactorySupport(tls));
			return factory;
		}

		@Override
		void tlsParameters(AbstractConnectionFactory factory, Consumer<SSLParameters> customizer) {
			factory.setTcpSocketSupport(new TlsParametersSupport(customizer));
		}

	},

	NETTY {

		@Override
		AbstractServerConnectionFactory server(int port) {
			return new NettyServerConnectionFactory(port);
		}

		@Override
		AbstractClientConnectionFactory client(String host, int port) {
			return new NettyClientConnectionFactory(host, port);
		}

		@Override
		AbstractServerConnectionFactory tlsServer(int port, TcpSSLContextSupport tls) {
			NettyServerConnectionFactory factory = new NettyServerConnectionFactory(port);
			factory.setSslContextSupport(tls);
			return factory;
		}

		@Override
		AbstractClientConnectionFactory tlsClient(String host, int port, TcpSSLContextSupport tls) {
			NettyClientConnectionFactory factory = new NettyClientConnectionFactory(host, port);
			factory.setSslContextSupport(tls);
			return factory;
		}

		@Override
		void tlsParameters(AbstractConnectionFactory factory, Consumer<SSLParameters> customizer) {
			if (factory instanceof NettyServerConnectionFactory server) {
				server.setSslParameters(customizer);
			}
			else {
				((NettyClientConnectionFactory) factory).setSslParameters(customizer);
			}
		}

	};

	abstract AbstractServerConnectionFactory server(int port);

	abstract AbstractClientConnectionFactory client(String host, int port);

	abstract AbstractServerConnectionFactory tlsServer(int port, TcpSSLContextSupport tls);

	abstract AbstractClientConnectionFactory tlsClient(String host, int port, TcpSSLContextSupport tls);

	/** Changes what TLS asks for, in the way of each kind. */
	abstract void tlsParameters(AbstractConnectionFactory factory, Consumer<SSLParameters> customizer);

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
