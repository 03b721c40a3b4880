package io.holdfast.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

import io.holdfast.protocol.BytesSettings;
import io.holdfast.protocol.Refusal;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanInstantiationException;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.convert.ConversionException;
import org.springframework.util.unit.DataSize;

/**
 * Makes one kind of failure of all that can be wrong below {@code gateway}: it names the
 * whole key, the value, and what would be right. A record's own check knows keys only as
 * they are below the record, so the record's key is put before them. Settings that are
 * not the gateway's pass through.
 */
final class SettingsBindHandler extends AbstractBindHandler {

	private static final ConfigurationPropertyName GATEWAY = ConfigurationPropertyName.of(GatewaySettings.PREFIX);

	SettingsBindHandler(BindHandler parent) {
		super(parent);
	}

	@Override
	public @Nullable Object onFailure(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
			Exception error) throws Exception {
		boolean gateway = GATEWAY.equals(name) || GATEWAY.isAncestorOf(name);
		if (!gateway || error instanceof BindException) {
			return super.onFailure(name, target, context, error);
		}
		Throwable cause = (error instanceof BeanInstantiationException) ? error.getCause() : error;
		if (cause instanceof InvalidConfigurationPropertyValueException invalid) {
			throw new InvalidConfigurationPropertyValueException(name + "." + invalid.getName(), invalid.getValue(),
					invalid.getReason());
		}
		if (error instanceof UnboundConfigurationPropertiesException unbound) {
			ConfigurationProperty unknown = unbound.getUnboundProperties().iterator().next();
			throw new InvalidConfigurationPropertyValueException(unknown.getName().toString(), unknown.getValue(),
					KnownKeys.of(GatewaySettings.class).reasonAgainst(unknown.getName().subName(1)));
		}
		if (cause instanceof IllegalArgumentException refusal && error instanceof BeanInstantiationException) {
			throw Refusal.of(refusal).below(name.toString());
		}
		if (error instanceof ConversionException) {
			if (error.getCause() instanceof InvalidConfigurationPropertyValueException invalid) {
				throw new InvalidConfigurationPropertyValueException(name.toString(), value(name, context),
						invalid.getReason());
			}
			throw new InvalidConfigurationPropertyValueException(name.toString(), value(name, context),
					"is no " + kind(target.getType().toClass()));
		}
		return super.onFailure(name, target, context, error);
	}

	// not the context's own property: that one is gone once a record's keys were looked
	// for
	private static @Nullable Object value(ConfigurationPropertyName name, BindContext context) {
		for (ConfigurationPropertySource source : context.getSources()) {
			ConfigurationProperty property = source.getConfigurationProperty(name);
			if (property != null) {
				return property.getValue();
			}
		}
		return null;
	}

	private static String kind(Class<?> type) {
		if (type == Integer.class || type == int.class) {
			return "whole number";
		}
		if (type == Double.class || type == double.class) {
			return "number";
		}
		if (type == BytesSettings.class) {
			return "map; give hex or text below it";
		}
		if (type == Duration.class) {
			return "duration; give a number and a unit, such as 500ms, 30s, 5m or 1h";
		}
		if (type == DataSize.class) {
			return "size; give a number and a unit, such as 512B, 64KB or 1MB";
		}
		if (type.isEnum()) {
			return Arrays.stream(type.getEnumConstants())
				.map((constant) -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
				.collect(Collectors.joining(", ", "choice here; known are ", ""));
		}
		return type.getSimpleName();
	}

}
