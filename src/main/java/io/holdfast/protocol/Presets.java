package io.holdfast.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * The protocols that need no settings: one file {@code protocols/<name>.yml} each, on the
 * class path. Its keys are those of {@code gateway.protocols.<name>}.
 */
final class Presets {

	private static final String FILES = "classpath*:protocols/*.yml";

	private static final String SUFFIX = ".yml";

	private Presets() {
	}

	/**
	 * Reads all presets.
	 * @return settings by name; of two files of one name the first on the class path
	 */
	static Map<String, ProtocolSettings> load() {
		try {
			Map<String, ProtocolSettings> presets = new HashMap<>();
			for (Resource file : new PathMatchingResourcePatternResolver().getResources(FILES)) {
				String name = String.valueOf(file.getFilename());
				presets.putIfAbsent(name.substring(0, name.length() - SUFFIX.length()), read(file));
			}
			return presets;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static ProtocolSettings read(Resource file) throws IOException {
		var content = new YamlPropertySourceLoader().load(file.getDescription(), file);
		try {
			return new Binder(ConfigurationPropertySources.from(content)).bindOrCreate(ConfigurationPropertyName.EMPTY,
					Bindable.of(ProtocolSettings.class), new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
		}
		catch (BindException ex) {
			throw new IllegalStateException("preset " + file.getDescription() + " - " + reason(ex), ex);
		}
	}

	private static String reason(BindException ex) {
		return (ex.getCause() != null) ? String.valueOf(ex.getCause().getMessage()) : String.valueOf(ex.getMessage());
	}

}
