package io.holdfast.connection;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Locale;

import javax.net.ssl.SSLException;

import io.holdfast.framing.FrameTooLongException;
import io.holdfast.framing.MalformedFrameException;
import io.holdfast.transport.OverloadedException;
import io.holdfast.transport.SlowConsumerException;
import io.holdfast.transport.WorkersFullException;
import io.netty.handler.codec.CodecException;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.ip.tcp.serializer.SoftEndOfStreamException;

/**
 * Why a connection ended. The texts are tags of metrics: they stay as they are.
 */
public enum CloseReason {

	/** The peer closed, between frames or within one. */
	PEER_CLOSED,

	/** The peer, or something between, broke the connection off without closing it. */
	PEER_RESET,

	/** The peer left too many heartbeats unanswered. */
	HEARTBEAT_MISSED,

	/** No frame but heartbeats came for longer than the listener allows. */
	IDLE_TIMEOUT,

	/** The first whole frame did not come in time. */
	HANDSHAKE_TIMEOUT,

	/** A frame was not whole in time. */
	FRAME_TIMEOUT,

	/** The connection had lived as long as the listener allows. */
	MAX_AGE,

	/** The peer announced or sent a frame beyond max-frame. */
	FRAME_TOO_LONG,

	/** The peer sent bytes that are no frame of the listener's protocol. */
	MALFORMED_FRAME,

	/** The peer did not read what was sent to it, within the limits for output. */
	SLOW_CONSUMER,

	/** It held much memory while all connections together held too much. */
	OVERLOADED,

	/** The peer sent more than the listener allows, or than the workers could take. */
	RATE_LIMITED,

	/** The same identity has connected again, and the settings keep the newer. */
	TAKEN_OVER,

	/** The identity is connected already, and the settings keep the older. */
	IDENTITY_IN_USE,

	/** The upstream that answered this client is gone. */
	UPSTREAM_LOST,

	/** The gateway was told to leave, and closed in order. */
	DRAINED,

	/** An operator or the application's own flow asked for it. */
	KILLED,

	/** TLS could not be agreed on, or broke. */
	TLS_FAILED,

	/** The network or the operating system failed in some other way. */
	IO_ERROR;

	private static final List<String> RESET_MESSAGES = List.of("reset", "broken pipe", "forcibly closed");

	/**
	 * Tells what an end of the transport means.
	 * @param cause what ended the connection; the wrapping of codecs is looked through
	 * @return the reason, {@link #IO_ERROR} for what has no other name
	 */
	public static CloseReason of(Throwable cause) {
		if (cause instanceof CodecException && cause.getCause() != null) {
			return of(cause.getCause());
		}
		if (cause instanceof EndedException ended) {
			return ended.reason();
		}
		if (cause instanceof SoftEndOfStreamException || cause instanceof EOFException) {
			return PEER_CLOSED;
		}
		if (cause instanceof FrameTooLongException) {
			return FRAME_TOO_LONG;
		}
		if (cause instanceof MalformedFrameException) {
			return MALFORMED_FRAME;
		}
		if (cause instanceof SlowConsumerException) {
			return SLOW_CONSUMER;
		}
		if (cause instanceof OverloadedException) {
			return OVERLOADED;
		}
		if (cause instanceof WorkersFullException) {
			return RATE_LIMITED;
		}
		if (cause instanceof SocketTimeoutException) {
			return IDLE_TIMEOUT;
		}
		if (cause instanceof SSLException) {
			return TLS_FAILED;
		}
		return (cause instanceof IOException && isReset(cause.getMessage())) ? PEER_RESET : IO_ERROR;
	}

	// neither the JDK nor Netty has a type for it
	private static boolean isReset(@Nullable String message) {
		return message != null && RESET_MESSAGES.stream().anyMatch(message.toLowerCase(Locale.ROOT)::contains);
	}

	/**
	 * The name in metrics, endpoints and logs.
	 * @return the reason in kebab case
	 */
	public String text() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
