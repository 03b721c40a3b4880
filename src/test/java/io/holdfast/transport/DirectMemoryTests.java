package io.holdfast.transport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is given away never adds up to more than there is.
 */
class DirectMemoryTests {

	private static final long CACHED_SIZES_BYTES = 180 * 1024;

	@ParameterizedTest
	@CsvSource({ "16MB,1", "16MB,2", "24MB,2", "100MB,2", "100MB,16", "256MB,4", "1GB,8", "4GB,64" })
	void budgetAndWhatLoopsTakeAreWithinTheLimit(String size, int loops) {
		long limit = DataSize.parse(size).toBytes();
		long kept = DirectMemory.cachedBuffers(limit, loops) * CACHED_SIZES_BYTES * loops;
		long readInto = (long) DirectMemory.sharedBuffers(limit, loops) * Transport.SHARED_BUFFER_BYTES * loops;
		long held = DirectMemory.mostForConnections(limit, loops);
		assertThat(held + held * 2 / 3 + kept + readInto).isLessThanOrEqualTo(limit);
		assertThat(DirectMemory.share(limit, loops)).isPositive().isLessThanOrEqualTo(held);
	}

	@ParameterizedTest
	@CsvSource({ "24MB,2,9MB", "96MB,2,36MB", "1GB,8,384MB" })
	void threeEighthsOfDirectMemoryAreForConnections(String size, int loops, String share) {
		assertThat(DirectMemory.share(DataSize.parse(size).toBytes(), loops))
			.isEqualTo(DataSize.parse(share).toBytes());
	}

	@Test
	void nettyFailsBeforeTheJdkDoes() {
		assertThat(DirectMemory.limit()).isLessThan(Runtime.getRuntime().maxMemory()).isPositive();
	}

	@ParameterizedTest
	@CsvSource({ "NORMAL,79,NORMAL", "NORMAL,80,TIGHT", "NORMAL,95,CRITICAL", "TIGHT,70,TIGHT", "TIGHT,69,NORMAL",
			"TIGHT,94,TIGHT", "TIGHT,95,CRITICAL", "CRITICAL,80,CRITICAL", "CRITICAL,79,TIGHT", "CRITICAL,69,NORMAL" })
	void levelRisesAndFallsAtOtherShares(MemoryBudget.Level before, int percent, MemoryBudget.Level after) {
		assertThat(before.after(percent, 100)).isEqualTo(after);
	}

}
