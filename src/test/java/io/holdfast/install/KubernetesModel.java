package io.holdfast.install;

import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;

/**
 * Reads objects as strictly as an API server that validates fields: an unknown one fails,
 * and so does a number where a text is wanted.
 */
final class KubernetesModel {

	private static final String KUBERNETES = "io.fabric8.kubernetes.api.model.";

	private static final Map<String, String> PACKAGES = Map.of("v1", KUBERNETES, "apps/v1", KUBERNETES + "apps.",
			"autoscaling/v2", KUBERNETES + "autoscaling.v2.", "networking.k8s.io/v1", KUBERNETES + "networking.v1.",
			"policy/v1", KUBERNETES + "policy.v1.", "cert-manager.io/v1", "io.fabric8.certmanager.api.model.v1.",
			"monitoring.coreos.com/v1", "io.fabric8.openshift.api.model.monitoring.v1.", "keda.sh/v1alpha1",
			KubernetesModel.class.getPackageName() + ".");

	private static final ObjectMapper MAPPER = mapper();

	private KubernetesModel() {
	}

	/**
	 * Reads an object into the class that its kind has.
	 * @throws JsonProcessingException naming what the kind does not know
	 */
	static void check(JsonNode object) throws JsonProcessingException, ClassNotFoundException {
		String apiVersion = object.path("apiVersion").asText();
		String packageName = PACKAGES.get(apiVersion);
		if (packageName == null) {
			throw new ClassNotFoundException("no model of " + apiVersion + " is known here");
		}
		MAPPER.treeToValue(object, Class.forName(packageName + object.path("kind").asText()));
	}

	private static ObjectMapper mapper() {
		ObjectMapper mapper = JsonMapper.builder()
			.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
			.disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
			.annotationIntrospector(new WithoutAnySetters())
			.build();
		for (CoercionInputShape shape : new CoercionInputShape[] { CoercionInputShape.Integer, CoercionInputShape.Float,
				CoercionInputShape.Boolean }) {
			mapper.coercionConfigFor(LogicalType.Textual).setCoercion(shape, CoercionAction.Fail);
		}
		return mapper;
	}

	/**
	 * The models keep what they do not know; here that is a mistake.
	 */
	private static final class WithoutAnySetters extends JacksonAnnotationIntrospector {

		private static final long serialVersionUID = 1L;

		@Override
		public Boolean hasAnySetter(Annotated annotated) {
			return Boolean.FALSE;
		}

	}

}
