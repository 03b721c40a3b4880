package io.holdfast.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Assumptions;

/**
 * A cable to another host, which can be pulled: a network namespace, joined to this one
 * by a pair of virtual interfaces. What is sent while it is out is lost, and neither end
 * is told that the other has gone.
 */
public final class Cable implements AutoCloseable {

	/** Not on everybody's path. */
	private static final Path IP = Path.of("/usr/sbin/ip");

	/** So that tests of several processes do not meet. */
	private static final int PID = (int) ProcessHandle.current().pid();

	private static final String NAMESPACE = "holdfast-" + PID;

	private static final String NEAR = "hf" + PID + "n";

	private static final String FAR = "hf" + PID + "f";

	private Cable() {
	}

	/**
	 * Skips the test where there can be no such cable.
	 */
	public static void assumePossible() throws InterruptedException {
		try (Cable tried = new Cable()) {
			tried.lay();
		}
		catch (IOException ex) {
			Assumptions.abort("needs ip, root and network namespaces: " + ex.getMessage());
		}
	}

	/**
	 * Joins another host to this one. One at a time.
	 */
	public static Cable join() throws IOException, InterruptedException {
		Cable cable = new Cable();
		cable.lay();
		return cable;
	}

	private void lay() throws IOException, InterruptedException {
		ip("netns", "add", NAMESPACE);
		ip("link", "add", NEAR, "type", "veth", "peer", "name", FAR, "netns", NAMESPACE);
		ip("address", "add", nearAddress() + "/30", "dev", NEAR);
		ip("link", "set", NEAR, "up");
		ip("-n", NAMESPACE, "address", "add", farAddress() + "/30", "dev", FAR);
		plug();
	}

	/** This host's. */
	public String nearAddress() {
		return address(1);
	}

	/** The other host's. */
	public String farAddress() {
		return address(2);
	}

	/**
	 * In the range for benchmarks (RFC 2544), in a subnet of its own for each process.
	 */
	private static String address(int host) {
		return "198.18." + ((PID >> 6) & 0xff) + "." + (((PID & 0x3f) << 2) + host);
	}

	/**
	 * What runs a command on the other host.
	 * @return the beginning of the command line
	 */
	public List<String> farCommand() {
		return List.of(ip(), "netns", "exec", NAMESPACE);
	}

	public void pull() throws IOException, InterruptedException {
		ip("-n", NAMESPACE, "link", "set", FAR, "down");
	}

	/** Puts it in again. */
	public void plug() throws IOException, InterruptedException {
		ip("-n", NAMESPACE, "link", "set", FAR, "up");
	}

	/**
	 * Removes what there is of it. The interfaces first: a namespace lives on for as long
	 * as a socket in it has something to send.
	 */
	@Override
	public void close() {
		for (String[] each : new String[][] { { "link", "delete", NEAR }, { "netns", "delete", NAMESPACE } }) {
			try {
				ip(each);
			}
			catch (IOException ex) {
				// was never there
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private static String ip() {
		return Files.isExecutable(IP) ? IP.toString() : "ip";
	}

	private static void ip(String... arguments) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(List.of(arguments));
		command.add(0, ip());
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (process.waitFor() != 0) {
			throw new IOException(String.join(" ", arguments) + ": " + output.trim());
		}
	}

}
