package io.holdfast.transport;

import org.springframework.integration.ip.tcp.connection.AbstractClientConnectionFactory;
import org.springframework.integration.ip.tcp.connection.AbstractServerConnectionFactory;
import org.springframework.integration.ip.tcp.connection.DefaultTcpNetSSLSocketFactorySupport;
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

	};

	abstract AbstractServerConnectionFactory server(int port);

	abstract AbstractClientConnectionFactory client(String host, int port);

	abstract AbstractServerConnectionFactory tlsServer(int port, TcpSSLContextSupport tls);

	abstract AbstractClientConnectionFactory tlsClient(String host, int port, TcpSSLContextSupport tls);

}
