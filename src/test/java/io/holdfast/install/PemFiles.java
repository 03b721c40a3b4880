package io.holdfast.install;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

/**
 * What a Secret of type {@code kubernetes.io/tls} holds, made by the JDK's own tool.
 */
final class PemFiles {

	private static final String PASSWORD = "changeit";

	private PemFiles() {
	}

	/**
	 * Makes a key with a certificate that it has signed itself, and that is trusted.
	 */
	static void make(Path folder) throws Exception {
		Path store = Files.createDirectories(folder).resolve("store.p12");
		Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
		ProcessRun
			.of(tool.toString(), "-genkeypair", "-alias", "gateway", "-keyalg", "EC", "-dname", "CN=gateway",
					"-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD, "-keypass", PASSWORD)
			.requireSuccess();
		KeyStore keys = KeyStore.getInstance("PKCS12");
		try (InputStream input = Files.newInputStream(store)) {
			keys.load(input, PASSWORD.toCharArray());
		}
		String certificate = pem("CERTIFICATE", keys.getCertificate("gateway").getEncoded());
		Files.writeString(folder.resolve("tls.crt"), certificate);
		Files.writeString(folder.resolve("ca.crt"), certificate);
		Files.writeString(folder.resolve("tls.key"),
				pem("PRIVATE KEY", keys.getKey("gateway", PASSWORD.toCharArray()).getEncoded()));
	}

	private static String pem(String kind, byte[] content) {
		return "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(kind,
				Base64.getMimeEncoder().encodeToString(content));
	}

}
