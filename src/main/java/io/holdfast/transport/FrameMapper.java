package io.holdfast.transport;

import org.springframework.integration.ip.tcp.connection.TcpMessageMapper;
import org.springframework.integration.mapping.BytesMessageMapper;

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

}
