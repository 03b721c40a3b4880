package io.holdfast.liveness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.holdfast.testing.Cable;

/**
 * A peer at the other end of a cable that can be pulled.
 */
final class VanishingPeer implements AutoCloseable {

	/** Says hello, and answers every line. */
	private static final String SCRIPT = """
			exec 3<>/dev/tcp/%s/%d
			echo hello >&3
			while read -r line <&3; do echo PONG >&3; done
			""";

	private static final String ESTABLISHED = "01";

	private final int port;

	private final Cable cable;

	private final Process process;

	private VanishingPeer(int port, Cable cable, Process process) {
		this.port = port;
		this.cable = cable;
		this.process = process;
	}

	/**
	 * A peer that connects to this machine.
	 * @param port where all addresses are listened on
	 */
	static VanishingPeer connect(int port) throws IOException, InterruptedException {
		Cable cable = Cable.join();
		List<String> command = new ArrayList<>(cable.farCommand());
		command.addAll(List.of("bash", "-c", SCRIPT.formatted(cable.nearAddress(), port)));
		return new VanishingPeer(port, cable, new ProcessBuilder(command).redirectErrorStream(true).start());
	}

	void vanish() throws IOException, InterruptedException {
		this.cable.pull();
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
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.cable.close();
		}
	}

}
