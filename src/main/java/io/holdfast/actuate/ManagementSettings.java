package io.holdfast.actuate;

import java.util.List;
import java.util.regex.Pattern;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of the management port beyond Spring Boot's own.
 *
 * @param allowedHosts names by which the port may be called, beside localhost, the
 * machine's own name and any literal address; *.example.org for all names below one, *
 * for all names
 */
public record ManagementSettings(@DefaultValue List<String> allowedHosts) {

	private static final Pattern NAME = Pattern.compile("\\*|(\\*\\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*)");

	public ManagementSettings {
		allowedHosts = List.copyOf(allowedHosts);
		for (int i = 0; i < allowedHosts.size(); i++) {
			if (!NAME.matcher(allowedHosts.get(i)).matches()) {
				throw new InvalidConfigurationPropertyValueException("allowed-hosts[" + i + "]", allowedHosts.get(i),
						"is no host name; give a name without scheme, port and path, such as gateway.example.org,"
								+ " or *.example.org for all below it");
			}
		}
	}

}
