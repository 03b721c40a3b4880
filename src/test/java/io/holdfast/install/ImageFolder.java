package io.holdfast.install;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.springframework.util.StringUtils;

/**
 * What the Dockerfile makes, in a folder of this machine: the same steps without an
 * engine. Only what Java and copying do is done; the system below is this machine's.
 */
final class ImageFolder {

	static final Path DOCKERFILE = Path.of("src/main/docker/Dockerfile");

	private final Path root;

	private final Path javaHome;

	private Path stage;

	private Path workingDirectory;

	private List<String> entrypoint = List.of();

	private String user = "";

	private ImageFolder(Path root, Path javaHome) {
		this.root = root;
		this.javaHome = javaHome;
		this.stage = root;
		this.workingDirectory = root;
	}

	/**
	 * Takes all steps.
	 * @param root a folder that is empty
	 * @param javaHome the Java of the image
	 */
	static ImageFolder build(Path root, Path javaHome) throws IOException, InterruptedException {
		ImageFolder image = new ImageFolder(root, javaHome);
		for (String line : Files.readAllLines(DOCKERFILE)) {
			int space = line.indexOf(' ');
			if (space > 0 && !line.startsWith("#")) {
				image.take(line.substring(0, space), line.substring(space + 1));
			}
		}
		return image;
	}

	private void take(String instruction, String rest) throws IOException, InterruptedException {
		switch (instruction) {
			case "FROM" -> from(rest);
			case "WORKDIR" -> this.workingDirectory = Files.createDirectories(inStage(this.stage, rest));
			case "COPY" -> copy(List.of(StringUtils.tokenizeToStringArray(rest, " ")));
			case "RUN" -> run(rest);
			case "ENTRYPOINT" -> this.entrypoint = List.of(new ObjectMapper().readValue(rest, String[].class));
			case "USER" -> this.user = rest;
			case "EXPOSE", "HEALTHCHECK" -> {
				// of the engine alone
			}
			default -> throw new AssertionError("the test does not know how to " + instruction + " " + rest);
		}
	}

	private void from(String rest) throws IOException {
		int name = rest.indexOf(" AS ");
		this.stage = Files.createDirectories(this.root.resolve((name > 0) ? rest.substring(name + 4) : "image"));
		this.workingDirectory = this.stage;
	}

	private void copy(List<String> arguments) throws IOException {
		Path from = Path.of("");
		for (String argument : arguments) {
			if (argument.startsWith("--from=")) {
				from = this.root.resolve(argument.substring("--from=".length()));
			}
		}
		List<String> paths = arguments.stream().filter((argument) -> !argument.startsWith("--")).toList();
		Path target = this.workingDirectory.resolve(paths.get(paths.size() - 1));
		for (String source : paths.subList(0, paths.size() - 1)) {
			copy(source.startsWith("/") ? inStage(from, source) : from.resolve(source),
					Files.createDirectories(target));
		}
	}

	private static void copy(Path source, Path folder) throws IOException {
		if (!Files.isDirectory(source)) {
			Files.copy(source, folder.resolve(String.valueOf(source.getFileName())),
					StandardCopyOption.COPY_ATTRIBUTES);
			return;
		}
		try (Stream<Path> content = Files.walk(source)) {
			for (Path path : content.toList()) {
				Path target = folder.resolve(source.relativize(path));
				if (Files.isDirectory(path)) {
					Files.createDirectories(target);
				}
				else {
					Files.copy(path, target, StandardCopyOption.COPY_ATTRIBUTES);
				}
			}
		}
	}

	private void run(String command) throws IOException, InterruptedException {
		if (command.startsWith("java ")) {
			ProcessRun.of(process("bash", "-c", command)).requireSuccess();
		}
	}

	private static Path inStage(Path stage, String absolute) {
		return stage.resolve(absolute.substring(1));
	}

	/**
	 * A program that runs in the image.
	 */
	ProcessBuilder process(String... command) {
		ProcessBuilder builder = new ProcessBuilder(command).directory(this.workingDirectory.toFile());
		builder.environment().put("PATH", this.javaHome.resolve("bin") + ":" + System.getenv("PATH"));
		return builder;
	}

	/**
	 * The program that the image is for.
	 * @param arguments settings as {@code --key=value}
	 */
	ProcessBuilder entrypoint(String... arguments) {
		String[] command = Stream.concat(this.entrypoint.stream(), Arrays.stream(arguments)).toArray(String[]::new);
		command[0] = this.javaHome.resolve("bin").resolve(command[0]).toString();
		return process(command);
	}

	Path workingDirectory() {
		return this.workingDirectory;
	}

	String user() {
		return this.user;
	}

}
