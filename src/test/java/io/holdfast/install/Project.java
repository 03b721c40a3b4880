package io.holdfast.install;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the build says of the project.
 */
final class Project {

	private static final Pattern VERSION = Pattern
		.compile("<artifactId>holdfast</artifactId>\\s*<version>([^<]+)</version>");

	private Project() {
	}

	static String version() {
		Matcher version = VERSION.matcher(read(Path.of("pom.xml")));
		if (!version.find()) {
			throw new AssertionError("pom.xml has no version");
		}
		return version.group(1);
	}

	static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
