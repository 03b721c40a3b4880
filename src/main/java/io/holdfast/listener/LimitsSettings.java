package io.holdfast.listener;

import java.time.Duration;

import io.holdfast.transport.OutputLimits;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of what one connection may hold.
 *
 * @param maxPendingOutput bytes that a client may leave unread, at least 1KB; reading
 * from it pauses at half of that, over it the connection is closed as slow-consumer, or
 * in mode channel the flow gets no further frame of it until a quarter is left
 * @param maxPendingInput bytes of whole frames that may wait for a worker, at least 1KB;
 * over it reading pauses
 * @param sendTimeout how long a client may take no byte while output holds up its
 * reading, before it is closed as slow-consumer
 * @param minOutputRate bytes a second that a client must take while output holds up its
 * reading, averaged over send-timeout, 1B to 1GB, before it is closed as slow-consumer;
 * empty for any
 */
public record LimitsSettings(@DefaultValue("256KB") DataSize maxPendingOutput,
		@DefaultValue("256KB") DataSize maxPendingInput, @DefaultValue("30s") Duration sendTimeout,
		@DefaultValue("1KB") @Nullable DataSize minOutputRate) {

	private static final long SMALLEST = 1024;

	private static final long LARGEST = 1024L * 1024 * 1024;

	public LimitsSettings {
		check("max-pending-output", maxPendingOutput);
		check("max-pending-input", maxPendingInput);
		if (sendTimeout.isNegative() || sendTimeout.isZero()) {
			throw new IllegalArgumentException("send-timeout is " + sendTimeout + "; must be positive, such as 30s");
		}
		if (minOutputRate != null && (minOutputRate.toBytes() < 1 || minOutputRate.toBytes() > LARGEST)) {
			throw new IllegalArgumentException("min-output-rate is " + minOutputRate
					+ "; must be from 1B to 1GB, in a second, or empty for any rate");
		}
	}

	private static void check(String key, DataSize value) {
		if (value.toBytes() < SMALLEST || value.toBytes() > LARGEST) {
			throw new IllegalArgumentException(key + " is " + value + "; must be between 1KB and 1GB");
		}
	}

	public OutputLimits output() {
		return new OutputLimits((int) this.maxPendingOutput.toBytes(), this.sendTimeout, this.minOutputRate);
	}

}
