package io.holdfast.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import static org.awaitility.Awaitility.await;

/**
 * The packaged jar in a process of its own, as an operator runs it.
 */
public final class GatewayProcess implements AutoCloseable {

	private static final Duration START = Duration.ofSeconds(60);

	private final Process process;

	private final List<String> lines = new CopyOnWriteArrayList<>();

	private final Thread reader;

	private GatewayProcess(Process process) {
		this.process = process;
		this.reader = new Thread(this::read, "output of " + process.pid());
		this.reader.setDaemon(true);
		this.reader.start();
	}

	/**
	 * Starts the jar.
	 * @param javaHome the Java to run it on
	 * @param arguments settings as {@code --key=value}; unless they say otherwise, its
	 * drain does not wait
	 */
	public static GatewayProcess start(Path javaHome, String... arguments) throws IOException {
		return start(new ProcessBuilder(command(javaHome, arguments)));
	}

	/**
	 * Starts a class of the class path, such as the application, on the Java of the
	 * tests, with no more than so many file descriptors.
	 */
	public static GatewayProcess startWithDescriptors(int limit, Class<?> main, String... arguments)
			throws IOException {
		List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + limit + "; exec \"$0\" \"$@\"",
				Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
				"-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), main.getName()));
		command.addAll(List.of(arguments));
		return start(new ProcessBuilder(command));
	}

	private static List<String> command(Path javaHome, String... arguments) {
		List<String> command = new ArrayList<>(List.of(javaHome.resolve("bin/java").toString(), "-Xmx256m", "-jar",
				System.getProperty("holdfast.jar")));
		command.addAll(List.of(arguments));
		if (command.stream().noneMatch((argument) -> argument.startsWith("--gateway.drain.wait="))) {
			command.add("--gateway.drain.wait=0s");
		}
		return command;
	}

	/**
	 * Starts the application in a way of the caller's own.
	 */
	public static GatewayProcess start(ProcessBuilder command) throws IOException {
		return new GatewayProcess(command.redirectErrorStream(true).start());
	}

	/**
	 * The Java that runs the tests, and one of each other release that lies beside it.
	 */
	public static Stream<Path> javaHomes() throws IOException {
		Path own = Path.of(System.getProperty("java.home")).toRealPath();
		List<Path> homes = new ArrayList<>(List.of(own));
		List<String> releases = new ArrayList<>(List.of(release(own)));
		try (Stream<Path> siblings = Files.list(own.getParent())) {
			for (Path sibling : siblings.sorted().toList()) {
				String release = release(sibling);
				if (!release.isEmpty() && Integer.parseInt(release) >= 17 && !releases.contains(release)) {
					homes.add(sibling);
					releases.add(release);
				}
			}
		}
		return homes.stream();
	}

	private static String release(Path home) throws IOException {
		Path file = home.resolve("release");
		if (!Files.exists(file) || !Files.isExecutable(home.resolve("bin/java"))) {
			return "";
		}
		Matcher version = Pattern.compile("JAVA_VERSION=\"(\\d+)").matcher(Files.readString(file));
		return version.find() ? version.group(1) : "";
	}

	private void read() {
		try (BufferedReader output = this.process.inputReader(StandardCharsets.UTF_8)) {
			output.lines().forEach(this.lines::add);
		}
		catch (IOException ex) {
			this.lines.add("(output ended: " + ex.getMessage() + ")");
		}
	}

	/**
	 * All that it has printed so far.
	 */
	public String output() {
		return String.join("\n", this.lines);
	}

	/**
	 * Waits for a line and gives the number in it.
	 * @param pattern with one group of digits
	 */
	public int awaitNumber(String pattern) {
		Pattern wanted = Pattern.compile(pattern);
		await().atMost(START).until(() -> !this.process.isAlive() || wanted.matcher(output()).find());
		Matcher found = wanted.matcher(output());
		if (!found.find()) {
			throw new AssertionError("ended with " + this.process.exitValue() + ":\n" + output());
		}
		return Integer.parseInt(found.group(1));
	}

	/**
	 * Waits until it has printed something.
	 * @throws AssertionError if it has ended without
	 */
	public void awaitOutput(String text) {
		await().atMost(START).until(() -> !this.process.isAlive() || output().contains(text));
		if (!output().contains(text)) {
			throw new AssertionError("ended with " + this.process.exitValue() + ":\n" + output());
		}
	}

	/**
	 * The port of a listener, once it is bound.
	 */
	public int awaitPort(String listener) {
		return awaitNumber("listener '" + listener + "' - bound to [^ ]*:(\\d+)");
	}

	/**
	 * The management port, once it answers.
	 */
	public int awaitManagementPort() {
		return awaitNumber("Netty started on port (\\d+)");
	}

	/**
	 * What its file descriptors lead to, on Linux.
	 */
	public List<String> descriptors() throws IOException {
		try (Stream<Path> open = Files.list(Path.of("/proc", String.valueOf(this.process.pid()), "fd"))) {
			return open.map(GatewayProcess::target).toList();
		}
	}

	private static String target(Path descriptor) {
		try {
			return Files.readSymbolicLink(descriptor).toString();
		}
		catch (IOException ex) {
			return "closed meanwhile";
		}
	}

	/**
	 * Waits until it has ended, and all that it printed was read.
	 * @return its exit code
	 */
	public int awaitExit() throws InterruptedException {
		if (!this.process.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
			throw new AssertionError("still running:\n" + output());
		}
		this.reader.join();
		return this.process.exitValue();
	}

	/**
	 * Sends SIGTERM. Not through the process itself, which would stop reading its output.
	 */
	public void terminate() {
		this.process.toHandle().destroy();
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
	}

}
