package io.holdfast.transport;

import java.io.IOException;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

class FailuresTests {

	@Test
	void textNamesTheRootAndItsPlace() {
		RuntimeException failure = new IllegalStateException("outer", new IOException("disk full"));
		assertThat(Failures.text(failure)).startsWith("IOException: disk full, at ")
			.contains("FailuresTests.textNamesTheRootAndItsPlace(FailuresTests.java:");
	}

	@Test
	void textIsOneLineWhateverAPeerHasPutIntoTheMessage() {
		assertThat(
				Failures.text(new NumberFormatException("For input string: \"1\r\n2026 ERROR all is lost\u001b[2J\"")))
			.startsWith("NumberFormatException: For input string: \"1  2026 ERROR all is lost [2J\", at ");
	}

	@Test
	void textIsCut() {
		assertThat(Failures.text(new IllegalStateException("x".repeat(10_000)))).hasSizeLessThan(500)
			.contains("xxx...");
	}

	@Test
	void textOfCausesThatGoInACircleEnds() {
		Exception outer = new Exception("outer");
		Exception inner = new Exception("inner", outer);
		outer.initCause(inner);
		assertThat(Failures.text(outer)).startsWith("Exception: ");
	}

	@Test
	void textOfASilentFailureIsItsKind() {
		assertThat(Failures.text(new WorkersFullException()))
			.isEqualTo("WorkersFullException: no worker is free and the workers' queue is full");
		assertThat(Failures.text(new StackOverflowError())).startsWith("StackOverflowError, at ");
	}

	@Test
	void onlyWhatPutsTheMachineInDoubtIsThrownOn() {
		assertThatExceptionOfType(OutOfMemoryError.class)
			.isThrownBy(() -> Failures.rethrowFatal(new OutOfMemoryError("a test")));
		assertThatNoException().isThrownBy(() -> Failures.rethrowFatal(new StackOverflowError()));
		assertThatNoException().isThrownBy(() -> Failures.rethrowFatal(new AssertionError()));
		assertThatNoException().isThrownBy(() -> Failures.rethrowFatal(new IOException()));
	}

}
