package io.holdfast.connection;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.stream.Stream;

import javax.net.ssl.SSLHandshakeException;

import io.holdfast.framing.Fixed;
import io.holdfast.framing.Raw;
import io.netty.handler.codec.DecoderException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.integration.ip.tcp.serializer.SoftEndOfStreamException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

class CloseReasonTests {

	@Test
	void textsAreThePublicNames() {
		assertThat(Arrays.stream(CloseReason.values()).map(CloseReason::text)).containsExactly("peer-closed",
				"peer-reset", "heartbeat-missed", "idle-timeout", "handshake-timeout", "frame-timeout", "max-age",
				"frame-too-long", "malformed-frame", "slow-consumer", "overloaded", "rate-limited", "taken-over",
				"identity-in-use", "upstream-lost", "drained", "killed", "tls-failed", "io-error");
	}

	@ParameterizedTest
	@MethodSource
	void everyEndOfTheTransportHasAReason(Throwable cause, CloseReason reason) {
		assertThat(CloseReason.of(cause)).isEqualTo(reason);
	}

	static Stream<Arguments> everyEndOfTheTransportHasAReason() {
		Throwable tooLong = catchThrowable(() -> new Raw(1).writer().size(new byte[2]));
		Throwable malformed = catchThrowable(() -> new Fixed(2).writer().size(new byte[1]));
		return Stream.of(Arguments.of(new SoftEndOfStreamException("closed"), CloseReason.PEER_CLOSED),
				Arguments.of(new EOFException("in mid-frame"), CloseReason.PEER_CLOSED),
				Arguments.of(new IOException("recvAddress(..) failed: Connection reset by peer"),
						CloseReason.PEER_RESET),
				Arguments.of(new SocketException("Connection reset"), CloseReason.PEER_RESET),
				Arguments.of(new IOException("Broken pipe"), CloseReason.PEER_RESET),
				Arguments.of(new SocketTimeoutException("30s"), CloseReason.IDLE_TIMEOUT),
				Arguments.of(new SSLHandshakeException("no cipher"), CloseReason.TLS_FAILED),
				Arguments.of(new DecoderException(new SSLHandshakeException("no cipher")), CloseReason.TLS_FAILED),
				Arguments.of(tooLong, CloseReason.FRAME_TOO_LONG), Arguments.of(malformed, CloseReason.MALFORMED_FRAME),
				Arguments.of(new DecoderException(malformed), CloseReason.MALFORMED_FRAME),
				Arguments.of(new IOException("Connection timed out"), CloseReason.IO_ERROR),
				Arguments.of(new IOException(), CloseReason.IO_ERROR),
				Arguments.of(new DecoderException("nothing inside"), CloseReason.IO_ERROR),
				Arguments.of(new IllegalStateException("reset"), CloseReason.IO_ERROR));
	}

}
