package io.holdfast.config;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

import io.holdfast.Holdfast;
import io.holdfast.listener.ListenerNotBoundException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What is printed when the gateway does not start.
 */
@ExtendWith(OutputCaptureExtension.class)
class FailureMessageTests {

	@TempDir
	private Path folder;

	@Test
	void wrongValueIsPrintedWithItsPlaceAndWhatIsRight(CapturedOutput output) throws IOException {
		failsToStart("""
				gateway:
				  protocols:
				    meter:
				      extends: length16
				      framing:
				        length-size: 5
				""");
		assertThat(output)
			.contains("gateway.protocols.meter.framing.length-size = '5' (URL [file:" + settingsFile() + "]")
			.contains(" - 6:22) must be 1, 2, 3, 4 or 8")
			.doesNotContain("\tat ");
	}

	@Test
	void missingKeyIsPrintedWithWhatToGive(CapturedOutput output) throws IOException {
		failsToStart("""
				gateway:
				  listeners:
				    meters:
				      port: 9000
				""");
		assertThat(output).contains("gateway.listeners.meters.protocol is missing; give the name of a preset")
			.doesNotContain("\tat ");
	}

	@Test
	void unknownKeyIsPrintedWithTheClosestKnownOne(CapturedOutput output) throws IOException {
		failsToStart("""
				gateway:
				  listeners:
				    meters:
				      porotcol: line
				      port: 9000
				      protocol: line
				      route:
				        mode: echo
				""");
		assertThat(output).contains("gateway.listeners.meters.porotcol = 'line' (URL [file:" + settingsFile() + "]")
			.contains(" - 4:17) is not a setting: 'porotcol' is unknown, did you mean 'protocol'?; known here are ")
			.doesNotContain("\tat ");
	}

	@Test
	void wordInPlaceOfANumberIsPrintedWithItsPlace(CapturedOutput output) throws IOException {
		failsToStart("gateway.workers.queue: lots");
		assertThat(output).contains("gateway.workers.queue = 'lots' (URL [file:" + settingsFile() + "]")
			.contains(") is no whole number")
			.doesNotContain("\tat ");
	}

	@Test
	void portInUseIsPrintedWithListenerPortAndRemedy(CapturedOutput output) {
		failsToBind(output, "Bind(..) failed with error(-98): Address already in use",
				"listener 'echo' - cannot bind 0.0.0.0:9000: address already in use; stop the process that holds the"
						+ " port, or set gateway.listeners.echo.port to another");
	}

	@Test
	void portWithoutPermissionIsPrintedWithItsRemedy(CapturedOutput output) {
		failsToBind(output, "Permission denied",
				"listener 'echo' - cannot bind 0.0.0.0:9000: permission denied; set gateway.listeners.echo.port above"
						+ " 1023, or give the process the capability CAP_NET_BIND_SERVICE");
	}

	@Test
	void addressOfAnotherMachineIsPrintedWithItsRemedy(CapturedOutput output) {
		failsToBind(output, "Cannot assign requested address",
				"listener 'echo' - cannot bind 0.0.0.0:9000: cannot assign requested address; set"
						+ " gateway.listeners.echo.address and gateway.listeners.echo.port to what this machine has");
	}

	private void failsToStart(String settings) throws IOException {
		Files.writeString(settingsFile(), settings);
		assertThatThrownBy(() -> SpringApplication.run(Holdfast.class, "--spring.main.web-application-type=none",
				"--spring.config.additional-location=" + this.folder + "/"))
			.isNotNull();
	}

	private Path settingsFile() {
		return this.folder.resolve("application.yml");
	}

	private void failsToBind(CapturedOutput output, String message, String expected) {
		SpringApplication application = new SpringApplication(Holdfast.class, UnboundListener.class);
		assertThatThrownBy(() -> application.run("--spring.main.web-application-type=none",
				"--gateway.listeners.any.port=0", "--gateway.listeners.any.protocol=line",
				"--gateway.listeners.any.route.mode=echo", "--refusal=" + message))
			.hasRootCauseInstanceOf(BindException.class);
		assertThat(output).contains(expected).doesNotContain("\tat ");
	}

	@Configuration(proxyBeanMethods = false)
	static class UnboundListener {

		@Bean
		SmartLifecycle unboundListener(Environment environment) {
			return new SmartLifecycle() {

				@Override
				public void start() {
					throw new ListenerNotBoundException("echo", new InetSocketAddress("0.0.0.0", 9000),
							new BindException(environment.getProperty("refusal")));
				}

				@Override
				public void stop() {
				}

				@Override
				public boolean isRunning() {
					return false;
				}

			};
		}

	}

}
