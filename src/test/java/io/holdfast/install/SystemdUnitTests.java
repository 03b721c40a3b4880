package io.holdfast.install;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

/**
 * The unit, as systemd itself judges it.
 */
class SystemdUnitTests {

	private static final String UNIT = Project.read(Path.of("src/main/systemd/holdfast.service"));

	private static final double MOST_EXPOSURE = 2.0;

	@TempDir
	private Path folder;

	@Test
	void systemdUnderstandsEveryLine() throws Exception {
		ProcessRun run = analyze("verify");
		assertThat(run.output()).isEmpty();
		assertThat(run.exitCode()).isZero();
	}

	@Test
	void lineThatSystemdDoesNotUnderstandIsFound() throws Exception {
		ProcessRun run = analyze("verify", UNIT.replace("ProtectHome=", "ProtectHouse="));
		assertThat(run.output()).contains("ProtectHouse");
	}

	@Test
	void littleIsExposed() throws Exception {
		ProcessRun run = analyze("security");
		Matcher level = Pattern.compile("Overall exposure level for [^:]*: ([0-9.]+)").matcher(run.output());
		if (!level.find()) {
			abort("this systemd cannot judge a unit that is not installed: " + run.output());
		}
		assertThat(Double.parseDouble(level.group(1))).isLessThan(MOST_EXPOSURE);
	}

	@Test
	void mayTakeAsLongToStopAsAPod() {
		int seconds = Chart.example("default").pod().path("terminationGracePeriodSeconds").asInt();
		assertThat(UNIT).contains("\nTimeoutStopSec=" + seconds + "s\n")
			.contains("\nSuccessExitStatus=143\n")
			.contains("\nRestart=on-failure\n");
	}

	private ProcessRun analyze(String verb) throws IOException, InterruptedException {
		return analyze(verb, UNIT);
	}

	private ProcessRun analyze(String verb, String unit) throws IOException, InterruptedException {
		String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
		Path file = Files.writeString(this.folder.resolve("holdfast.service"), unit.replace("/usr/bin/java", java));
		try {
			return verb.equals("security") ? ProcessRun.of("systemd-analyze", verb, "--offline=true", file.toString())
					: ProcessRun.of("systemd-analyze", verb, file.toString());
		}
		catch (IOException ex) {
			return abort("no systemd-analyze on this machine: " + ex.getMessage());
		}
	}

}
