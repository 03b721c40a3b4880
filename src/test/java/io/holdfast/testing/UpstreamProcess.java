package io.holdfast.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import static org.awaitility.Awaitility.await;

/**
 * A server that echoes {@code length32} frames, in a process of its own that can be
 * killed and suspended.
 */
public final class UpstreamProcess implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final Pattern LISTENING = Pattern.compile("listening on (\\d+)");

	private final Process process;

	private final int port;

	private UpstreamProcess(Process process, int port) {
		this.process = process;
		this.port = port;
	}

	/**
	 * Starts it on the loopback and waits until it listens.
	 * @param port 0 for a free one; one that was in use a moment ago will do
	 */
	public static UpstreamProcess start(int port) {
		return start(List.of(), port, InetAddress.getLoopbackAddress().getHostAddress());
	}

	/**
	 * Starts it on the host at the other end of a cable, on a free port, and waits until
	 * it listens.
	 */
	public static UpstreamProcess start(Cable cable) {
		return start(cable.farCommand(), 0, cable.farAddress());
	}

	private static UpstreamProcess start(List<String> prefix, int port, String address) {
		List<String> command = new ArrayList<>(prefix);
		// needs no library, so where the test classes are is all of its class path
		command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
				"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", testClasses(), EchoUpstream.class.getName(),
				String.valueOf(port), address));
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			return new UpstreamProcess(process, awaitPort(process));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String testClasses() {
		try {
			return Path.of(EchoUpstream.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Reads its output up to the line with the port. It prints nothing after that line,
	 * so nobody needs to read on.
	 */
	private static int awaitPort(Process process) throws IOException {
		StringBuilder output = new StringBuilder();
		BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
		String line = reader.readLine();
		while (line != null) {
			Matcher listening = LISTENING.matcher(line);
			if (listening.matches()) {
				return Integer.parseInt(listening.group(1));
			}
			output.append(line).append('\n');
			line = reader.readLine();
		}
		process.destroyForcibly();
		throw new AssertionError("ended before it listened:\n" + output);
	}

	public int port() {
		return this.port;
	}

	public boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Sends SIGKILL, also to a suspended one, and waits until it has ended.
	 */
	public void killHard() {
		this.process.destroyForcibly();
		awaitExit(this.process);
	}

	/**
	 * Sends SIGSTOP and waits until no thread of it runs any more. The system still
	 * accepts connections for it, and data until the buffers are full.
	 */
	public void suspend() {
		signal("-STOP");
		await().atMost(PATIENCE).until(() -> threadsAre(true));
	}

	/**
	 * Sends SIGCONT.
	 */
	public void resume() {
		signal("-CONT");
		await().atMost(PATIENCE).until(() -> threadsAre(false));
	}

	private void signal(String signal) {
		try {
			Process kill = new ProcessBuilder("kill", signal, String.valueOf(this.process.pid())).inheritIO().start();
			int exitCode = awaitExit(kill);
			if (exitCode != 0) {
				throw new AssertionError("kill " + signal + " ended with " + exitCode);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Whether all threads are stopped or, if asked for the other, none is.
	 */
	private boolean threadsAre(boolean stopped) throws IOException {
		try (Stream<Path> threads = Files.list(Path.of("/proc", String.valueOf(this.process.pid()), "task"))) {
			return threads.allMatch((thread) -> isStopped(thread) == stopped);
		}
	}

	private static boolean isStopped(Path thread) {
		try {
			String status = Files.readString(thread.resolve("stat"));
			// the name of the thread, in parentheses, comes before the state
			return status.charAt(status.lastIndexOf(')') + 2) == 'T';
		}
		catch (IOException ex) {
			// ended meanwhile: not stopped, so whoever waits for that looks again
			return false;
		}
	}

	private static int awaitExit(Process process) {
		try {
			return process.waitFor();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("interrupted", ex);
		}
	}

	@Override
	public void close() {
		// SIGKILL ends a stopped process too, so there is no need to continue it
		killHard();
	}

}
