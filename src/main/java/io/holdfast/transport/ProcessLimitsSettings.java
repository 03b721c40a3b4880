package io.holdfast.transport;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * Settings of what all connections together may cost.
 *
 * @param memory most bytes that they may hold: halves of frames, frames that wait for a
 * worker, and output that peers have not taken; at least 1MB and at most what direct
 * memory (-XX:MaxDirectMemorySize) leaves beside reading, writing and gaps; three eighths
 * of direct memory by default
 */
public record ProcessLimitsSettings(@Nullable DataSize memory) {

	private static final DataSize SMALLEST = DataSize.ofMegabytes(1);

	public ProcessLimitsSettings {
		if (memory != null && memory.compareTo(SMALLEST) < 0) {
			throw new InvalidConfigurationPropertyValueException("memory", memory,
					"must be at least 1MB; leave it out to have three eighths of direct memory");
		}
		// now, before anything else uses Netty
		DirectMemory.prepare();
		if (memory != null && memory.toBytes() > DirectMemory.mostForConnections()) {
			throw new InvalidConfigurationPropertyValueException("memory", memory,
					"is more than direct memory has for connections, which is %dMB of %dMB; lower it, or raise -XX:MaxDirectMemorySize"
						.formatted(DataSize.ofBytes(DirectMemory.mostForConnections()).toMegabytes(),
								DataSize.ofBytes(DirectMemory.limit()).toMegabytes()));
		}
	}

	/**
	 * The budget, in bytes.
	 */
	public long memoryBytes() {
		return (this.memory != null) ? this.memory.toBytes() : DirectMemory.share();
	}

}
