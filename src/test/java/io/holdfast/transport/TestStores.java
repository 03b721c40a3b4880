package io.holdfast.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.springframework.integration.ip.tcp.connection.DefaultTcpSSLContextSupport;
import org.springframework.integration.ip.tcp.connection.TcpSSLContextSupport;

/**
 * Key stores with one self-signed certificate each, made by the JDK's own tool.
 */
final class TestStores {

	private static final String PASSWORD = "changeit";

	private final Path directory;

	private TestStores(Path directory) {
		this.directory = directory;
	}

	static TestStores in(Path directory) {
		return new TestStores(directory);
	}

	/**
	 * Makes a key store whose certificate is valid for the given names.
	 * @param alias name of the key and of its file
	 * @param subjectAlternativeNames as keytool takes them, such as
	 * {@code dns:localhost,ip:127.0.0.1}
	 */
	void make(String alias, String subjectAlternativeNames) {
		keytool("-genkeypair", "-alias", alias, "-keyalg", "EC", "-dname", "CN=" + alias, "-ext",
				"SAN=" + subjectAlternativeNames, "-keystore", store(alias).toString());
	}

	/**
	 * What shows one certificate and trusts another, or the same.
	 */
	TcpSSLContextSupport support(String shown, String trusted) {
		DefaultTcpSSLContextSupport support = new DefaultTcpSSLContextSupport(store(shown).toUri().toString(),
				store(trusted).toUri().toString(), PASSWORD, PASSWORD);
		support.setKeyStoreType("PKCS12");
		support.setTrustStoreType("PKCS12");
		return support;
	}

	private Path store(String alias) {
		return this.directory.resolve(alias + ".p12");
	}

	private static void keytool(String... arguments) {
		Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
		List<String> command = new ArrayList<>(List.of(tool.toString()));
		command.addAll(List.of(arguments));
		command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD, "-keypass", PASSWORD));
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			if (process.waitFor() != 0) {
				throw new IllegalStateException("keytool has failed: " + output);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
