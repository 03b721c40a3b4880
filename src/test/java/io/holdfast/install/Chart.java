package io.holdfast.install;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;

import static org.junit.jupiter.api.Assumptions.abort;

/**
 * The chart of this repository, with Helm itself at work in this process.
 */
final class Chart {

	static final Path FOLDER = Path.of("helm");

	private static final Path EXAMPLES = FOLDER.resolve("ci");

	/** The oldest that the chart supports. */
	private static final String KUBERNETES = "1.27.0";

	private Chart() {
	}

	/**
	 * The files of values under {@code ci/}, by name.
	 */
	static List<String> examples() {
		try (Stream<Path> files = Files.list(EXAMPLES)) {
			return files.map((file) -> file.getFileName().toString().replace("-values.yaml", "")).sorted().toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static LintResult lint() {
		requireHelm();
		return new Helm(FOLDER).lint().strict().call();
	}

	/**
	 * Renders the chart with one of the files under {@code ci/}.
	 * @param settings as {@code --set} takes them
	 */
	static Manifests example(String name, String... settings) {
		return render(EXAMPLES.resolve(name + "-values.yaml"), settings);
	}

	/**
	 * Renders the chart with values of a test's own.
	 * @param folder where the values are put
	 * @param values as YAML
	 */
	static Manifests render(Path folder, String values) {
		try {
			return render(Files.writeString(folder.resolve("values.yaml"), values));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Manifests render(Path values, String... settings) {
		requireHelm();
		TemplateCommand command = new Helm(FOLDER).template()
			.withName("edge")
			.withNamespace("gateways")
			.withKubeVersion(KUBERNETES)
			.withValuesFile(values);
		for (String setting : settings) {
			String[] keyAndValue = setting.split("=", 2);
			command.set(keyAndValue[0], keyAndValue[1]);
		}
		return Manifests.parse(command.call());
	}

	/**
	 * Where Helm's library does not exist for this machine, the tests are skipped; on the
	 * machines of most, and in the pipeline, they are not.
	 */
	private static void requireHelm() {
		try {
			Helm.version().call();
		}
		catch (IllegalStateException | LinkageError ex) {
			if (isLinuxOnAmd64()) {
				throw ex;
			}
			abort("no library of Helm for this machine: " + ex.getMessage());
		}
	}

	private static boolean isLinuxOnAmd64() {
		return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux")
				&& System.getProperty("os.arch").equals("amd64");
	}

}
