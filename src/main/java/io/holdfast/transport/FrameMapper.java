package io.holdfast.transport;

import java.util.Map;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpMessageMapper;
import org.springframework.integration.mapping.BytesMessageMapper;
import org.springframework.messaging.MessageHeaders;

/**
 * The factories' default mapper. As long as nothing that varies from frame to frame is
 * asked of it, a connection makes its headers once and all its messages share them: the
 * stock headers less {@code id} and {@code timestamp}. With any such option set it maps
 * like its parent.
 */
final class FrameMapper extends TcpMessageMapper {

	private boolean sharedHeaders = true;

	boolean hasSharedHeaders() {
		return this.sharedHeaders;
	}

	MessageHeaders headersOf(NettyTcpConnection connection) {
		return new ConnectionHeaders(Map.of(IpHeaders.HOSTNAME, connection.getHostName(), IpHeaders.IP_ADDRESS,
				connection.getHostAddress(), IpHeaders.REMOTE_PORT, connection.getPort(), IpHeaders.CONNECTION_ID,
				connection.getConnectionId(), IpHeaders.LOCAL_ADDRESS, connection.localAddress().getAddress()));
	}

	@Override
	public void setApplySequence(boolean applySequence) {
		this.sharedHeaders = false;
		super.setApplySequence(applySequence);
	}

	@Override
	public void setAddContentTypeHeader(boolean addContentTypeHeader) {
		this.sharedHeaders = false;
		super.setAddContentTypeHeader(addContentTypeHeader);
	}

	@Override
	public void setBytesMessageMapper(BytesMessageMapper bytesMessageMapper) {
		this.sharedHeaders = false;
		super.setBytesMessageMapper(bytesMessageMapper);
	}

	private static final class ConnectionHeaders extends MessageHeaders {

		private static final long serialVersionUID = 1L;

		ConnectionHeaders(Map<String, Object> headers) {
			super(headers, ID_VALUE_NONE, -1L);
		}

	}

}
