package io.holdfast.install;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that has ended.
 *
 * @param command with its arguments
 * @param exitCode 0 for success
 * @param output both of its outputs
 */
record ProcessRun(List<String> command, int exitCode, String output) {

	static ProcessRun of(String... command) throws IOException, InterruptedException {
		return of(new ProcessBuilder(command));
	}

	/**
	 * Runs a program to its end, at most a minute.
	 */
	static ProcessRun of(ProcessBuilder builder) throws IOException, InterruptedException {
		Process process = builder.redirectErrorStream(true).start();
		process.getOutputStream().close();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (!process.waitFor(1, TimeUnit.MINUTES)) {
			process.destroyForcibly();
			throw new AssertionError(builder.command() + " does not end:\n" + output);
		}
		return new ProcessRun(builder.command(), process.exitValue(), output);
	}

	ProcessRun requireSuccess() {
		if (this.exitCode != 0) {
			throw new AssertionError(this.command + " ended with " + this.exitCode + ":\n" + this.output);
		}
		return this;
	}

}
