package io.holdfast.config;

import io.holdfast.transport.ErrorChannelLog;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.integration.config.IntegrationConfigUtils;
import org.springframework.integration.context.IntegrationContextUtils;
import org.springframework.integration.handler.LoggingHandler;

/**
 * Puts an {@link ErrorChannelLog} in the place of the handler that Spring Integration
 * subscribes to its own {@code errorChannel}, which logs a stack trace for each message.
 * Other subscribers stay as they are, and so does a channel of an application's own.
 */
final class ErrorLogReplacement implements BeanPostProcessor {

	private static final String STOCK = IntegrationContextUtils.ERROR_LOGGER_BEAN_NAME
			+ IntegrationConfigUtils.HANDLER_ALIAS_SUFFIX;

	@Override
	public Object postProcessBeforeInitialization(Object bean, String name) {
		return (name.equals(STOCK) && bean.getClass() == LoggingHandler.class) ? new ErrorChannelLog() : bean;
	}

}
