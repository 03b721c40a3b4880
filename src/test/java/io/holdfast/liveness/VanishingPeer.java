package io.holdfast.liveness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.junit.jupiter.api.Assumptions;

/**
 * A peer at the other end of a cable that can be pulled: a process in a network namespace
 * of its own, joined to this one by a pair of virtual interfaces. What is sent after that
 * is lost, and neither end is told that the other has gone.
 */
final class VanishingPeer implements AutoCloseable {

	/** Says hello, and answers every line. */
	private static final String SCRIPT = """
			exec 3<>/dev/tcp/%s/%d
			echo hello >&3
			while read -r line <&3; do echo PONG >&3; done
			""";

	/** Not on everybody's path. */
	private static final Path IP = Path.of("/usr/sbin/ip");

	private static final String ESTABLISHED = "01";

	/** So that tests of several processes do not meet. */
	private static final int PID = (int) ProcessHandle.current().pid();

	private static final String NAMESPACE = "holdfast-" + PID;

	private static final String NEAR = "hf" + PID + "n";

	private static final String FAR = "hf" + PID + "f";

	private final int port;

	private final Process process;

	private VanishingPeer(int port, Process process) {
		this.port = port;
		this.process = process;
	}

	/**
	 * Skips the test where there can be no such peer.
	 */
	static void assumePossible() throws InterruptedException {
		try {
			lay();
		}
		catch (IOException ex) {
			Assumptions.abort("needs ip, root and network namespaces: " + ex.getMessage());
		}
		finally {
			remove();
		}
	}

	/**
	 * A peer that connects to this machine.
	 * @param port where all addresses are listened on
	 */
	static VanishingPeer connect(int port) throws IOException, InterruptedException {
		lay();
		return new VanishingPeer(port,
				start("netns", "exec", NAMESPACE, "bash", "-c", SCRIPT.formatted(address(1), port)));
	}

	/** Lays the cable. */
	private static void lay() throws IOException, InterruptedException {
		ip("netns", "add", NAMESPACE);
		ip("link", "add", NEAR, "type", "veth", "peer", "name", FAR, "netns", NAMESPACE);
		ip("address", "add", address(1) + "/30", "dev", NEAR);
		ip("link", "set", NEAR, "up");
		ip("-n", NAMESPACE, "address", "add", address(2) + "/30", "dev", FAR);
		ip("-n", NAMESPACE, "link", "set", FAR, "up");
	}

	/**
	 * In the range for benchmarks (RFC 2544), in a subnet of its own for each process.
	 */
	private static String address(int host) {
		return "198.18." + ((PID >> 6) & 0xff) + "." + (((PID & 0x3f) << 2) + host);
	}

	/** Pulls the cable. */
	void vanish() throws IOException, InterruptedException {
		ip("-n", NAMESPACE, "link", "set", FAR, "down");
	}

	/** Whether the peer's own end has not been told of any end. */
	boolean isConnected() throws IOException {
		String remote = String.format(Locale.ROOT, ":%04X", this.port);
		// local address, remote address and state are the second to fourth column
		return Files.readAllLines(Path.of("/proc/" + this.process.pid() + "/net/tcp"))
			.stream()
			.map((line) -> line.trim().split("\\s+"))
			.anyMatch((columns) -> columns[2].endsWith(remote) && columns[3].equals(ESTABLISHED));
	}

	@Override
	public void close() {
		try {
			this.process.destroyForcibly().waitFor();
			remove();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * What there is of it. The cable first: a namespace lives on for as long as a socket
	 * in it has something to send.
	 */
	private static void remove() throws InterruptedException {
		for (String[] each : new String[][] { { "link", "delete", NEAR }, { "netns", "delete", NAMESPACE } }) {
			try {
				ip(each);
			}
			catch (IOException ex) {
				// was never there
			}
		}
	}

	private static void ip(String... arguments) throws IOException, InterruptedException {
		Process process = start(arguments);
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (process.waitFor() != 0) {
			throw new IOException(String.join(" ", arguments) + ": " + output.trim());
		}
	}

	private static Process start(String... arguments) throws IOException {
		List<String> command = new ArrayList<>(List.of(arguments));
		command.add(0, Files.isExecutable(IP) ? IP.toString() : "ip");
		return new ProcessBuilder(command).redirectErrorStream(true).start();
	}

}
