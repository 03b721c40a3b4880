package io.holdfast;

import java.nio.file.Path;

import io.holdfast.testing.GatewayProcess;
import io.holdfast.transport.LoopEnd;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The real process, in which an event loop ends by an error.
 */
class ProcessHaltTests {

	@Test
	void processEndsWithALoop() throws Exception {
		ProcessBuilder command = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString(),
				"-cp", System.getProperty("java.class.path"), Holdfast.class.getName(), "--server.port=0",
				"--gateway.transport=nio", "--gateway.listeners.a.port=0", "--gateway.listeners.a.protocol=line",
				"--gateway.listeners.a.route.mode=echo", "--spring.main.sources=" + LoopEnd.class.getName());
		try (GatewayProcess gateway = GatewayProcess.start(command)) {
			assertThat(gateway.awaitExit()).isEqualTo(ProcessHalt.SOFTWARE_ERROR);
			assertThat(gateway.output()).contains("' - ended by an error, which the log tells above");
		}
	}

}
