package io.holdfast.protocol;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

import io.holdfast.framing.Framing;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * All protocols by name: the presets and the user's own. An own protocol of a preset's
 * name replaces the preset. Immutable.
 */
public final class Protocols {

	private static final String KEY = "gateway.protocols.";

	private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");

	private final SortedMap<String, Protocol> protocols = new TreeMap<>();

	/**
	 * Resolves every protocol, used or not, so that a mistake shows at the start.
	 * @param own settings below {@code gateway.protocols}
	 * @throws InvalidConfigurationPropertyValueException if one cannot work
	 */
	public Protocols(Map<String, ProtocolSettings> own) {
		own.keySet().forEach(Protocols::checkName);
		Map<String, ProtocolSettings> settings = new TreeMap<>(Presets.load());
		settings.putAll(own);
		settings.forEach((name, one) -> this.protocols.put(name, resolve(name, one, settings)));
	}

	/**
	 * The protocol that a setting asks for.
	 * @param name the protocol's name
	 * @param key the setting that names it
	 * @return the protocol
	 * @throws InvalidConfigurationPropertyValueException if there is none, with the known
	 * names
	 */
	public Protocol get(String name, String key) {
		Protocol protocol = this.protocols.get(name);
		if (protocol == null) {
			throw unknown(name, key, names());
		}
		return protocol;
	}

	/**
	 * Returns the names of all protocols.
	 * @return names in alphabetical order
	 */
	public Set<String> names() {
		return Collections.unmodifiableSet(this.protocols.keySet());
	}

	private static Protocol resolve(String name, ProtocolSettings settings, Map<String, ProtocolSettings> all) {
		ProtocolSettings merged = merge(name, settings, all, new LinkedHashSet<>());
		String key = KEY + name;
		if (merged.framing() == null) {
			throw new InvalidConfigurationPropertyValueException(key + ".framing", null,
					"is missing; give a framing, or the protocol that this one extends");
		}
		Framing framing = new FramingReader(key + ".framing", merged.framing()).read();
		BytesSettings goodbye = merged.goodbye();
		if (goodbye != null) {
			goodbye.requireSome(key + ".goodbye");
			goodbye.requireFits(key + ".goodbye", framing);
		}
		return new Protocol(name, framing,
				(merged.correlation() != null)
						? new CorrelationReader(key + ".correlation", merged.correlation()).read(framing) : null,
				(merged.heartbeat() != null) ? new HeartbeatReader(key + ".heartbeat", merged.heartbeat()).read(framing)
						: null,
				(merged.identity() != null) ? new IdentityReader(key + ".identity", merged.identity()).read(framing)
						: null,
				goodbye, (merged.oneWay() != null) ? new OneWay(merged.oneWay()) : null);
	}

	private static ProtocolSettings merge(String name, ProtocolSettings settings, Map<String, ProtocolSettings> all,
			Set<String> children) {
		String parent = settings.parent();
		if (parent == null) {
			return settings;
		}
		String key = KEY + name + ".extends";
		children.add(name);
		if (children.contains(parent)) {
			throw new InvalidConfigurationPropertyValueException(key, parent,
					"closes a circle (" + String.join(" -> ", children) + " -> " + parent + "); remove one of them");
		}
		ProtocolSettings base = all.get(parent);
		if (base == null) {
			throw unknown(parent, key, new TreeSet<>(all.keySet()));
		}
		return settings.over(merge(parent, base, all, children));
	}

	private static void checkName(String name) {
		if (!NAME.matcher(name).matches()) {
			throw new InvalidConfigurationPropertyValueException(KEY + name, name,
					"is no name for a protocol; use a to z, 0 to 9 and '-', and begin with a letter");
		}
	}

	private static InvalidConfigurationPropertyValueException unknown(String name, String key, Set<String> known) {
		return new InvalidConfigurationPropertyValueException(key, name,
				"is not a protocol; known are " + String.join(", ", known));
	}

}
