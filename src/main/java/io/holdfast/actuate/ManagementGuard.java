package io.holdfast.actuate;

import java.net.URI;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Refuses requests to the management port that a web page may have made its visitor's
 * browser send: nobody signs in at this port, and a browser inside reaches it. Looks at
 * the Host, at what browsers say of where a request comes from, and wants a content type
 * that a page cannot send to a foreign server without asking it first. Each refusal says
 * in JSON why, and what to do.
 */
public final class ManagementGuard implements WebFilter, Ordered {

	private static final String FETCH_SITE = "Sec-Fetch-Site";

	private static final String FETCH_MODE = "Sec-Fetch-Mode";

	/** Most characters of a header that an answer repeats. */
	private static final int SHOWN = 100;

	private final AllowedHosts hosts;

	private final JsonMapper json = JsonMapper.shared();

	public ManagementGuard(ManagementSettings settings) {
		this.hosts = new AllowedHosts(settings.allowedHosts());
	}

	/** Before all other filters: what is refused is to have no effect at all. */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		RefusalView refusal = refusal(exchange.getRequest());
		return (refusal != null) ? answer(exchange.getResponse(), refusal) : chain.filter(exchange);
	}

	private Mono<Void> answer(ServerHttpResponse response, RefusalView refusal) {
		response.setRawStatusCode(refusal.status());
		response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
		return response
			.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(this.json.writeValueAsBytes(refusal))));
	}

	private @Nullable RefusalView refusal(ServerHttpRequest request) {
		HttpHeaders headers = request.getHeaders();
		List<String> host = headers.getOrEmpty(HttpHeaders.HOST);
		for (String each : host) {
			if (!this.hosts.contains(each)) {
				return forbidden("host '" + shown(each) + "' is not one that this port is called by; call it by its"
						+ " address or as localhost, or add the name to gateway.management.allowed-hosts");
			}
		}
		String site = headers.getFirst(FETCH_SITE);
		if (isForeign(site) && !isVisit(request)) {
			return forbidden("the request comes from a web page of another site (" + FETCH_SITE + ": " + shown(site)
					+ "), which may not use this port; call it from where no page is in between, such as curl");
		}
		for (String origin : headers.getOrEmpty(HttpHeaders.ORIGIN)) {
			if (host.isEmpty() || !isOrigin(origin, host.get(0))) {
				return forbidden("the request comes from a web page of '" + shown(origin) + "' and not of '"
						+ shown(host.isEmpty() ? "" : host.get(0))
						+ "', which may not use this port; if a proxy is in between, have it keep the Host header");
			}
		}
		return needsJson(request) && !isJson(headers) ? withoutJson(request) : null;
	}

	private static RefusalView forbidden(String message) {
		return RefusalView.of(HttpStatus.FORBIDDEN, message);
	}

	private static boolean isForeign(@Nullable String site) {
		return site != null && (site.equalsIgnoreCase("cross-site") || site.equalsIgnoreCase("same-site"));
	}

	/** Somebody follows a link to here: the page with that link sees nothing of it. */
	private static boolean isVisit(ServerHttpRequest request) {
		return request.getMethod().equals(HttpMethod.GET)
				&& "navigate".equalsIgnoreCase(request.getHeaders().getFirst(FETCH_MODE));
	}

	private static boolean isOrigin(String origin, String host) {
		try {
			URI uri = URI.create(origin);
			String authority = uri.getAuthority();
			return authority != null && withoutPort(authority, uri.getScheme())
				.equals(withoutPort(host, String.valueOf(uri.getScheme())));
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

	/** Leaves the port away where it is the scheme's own, as browsers do. */
	private static String withoutPort(String authority, String scheme) {
		String lower = authority.strip().toLowerCase(Locale.ROOT);
		String usual = scheme.equalsIgnoreCase("https") ? ":443" : ":80";
		return lower.endsWith(usual) ? lower.substring(0, lower.length() - usual.length()) : lower;
	}

	private static boolean needsJson(ServerHttpRequest request) {
		HttpMethod method = request.getMethod();
		if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD) || method.equals(HttpMethod.OPTIONS)) {
			return false;
		}
		HttpHeaders headers = request.getHeaders();
		return !method.equals(HttpMethod.DELETE) || headers.getContentLength() > 0
				|| headers.containsHeader(HttpHeaders.TRANSFER_ENCODING)
				|| headers.containsHeader(HttpHeaders.CONTENT_TYPE);
	}

	private static boolean isJson(HttpHeaders headers) {
		try {
			MediaType type = headers.getContentType();
			return type != null && type.getType().equals("application")
					&& (type.getSubtype().equals("json") || type.getSubtype().endsWith("+json"));
		}
		catch (InvalidMediaTypeException ex) {
			return false;
		}
	}

	private static RefusalView withoutJson(ServerHttpRequest request) {
		String type = request.getHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
		return RefusalView.of(HttpStatus.UNSUPPORTED_MEDIA_TYPE,
				request.getMethod() + " needs Content-Type: application/json, and this one has "
						+ ((type != null) ? "'" + shown(type) + "'" : "none")
						+ "; such as curl -H 'Content-Type: application/json' -d '{\"action\": \"...\"}'");
	}

	private static String shown(@Nullable String value) {
		String text = String.valueOf(value);
		return (text.length() > SHOWN) ? text.substring(0, SHOWN) + "..." : text;
	}

}
