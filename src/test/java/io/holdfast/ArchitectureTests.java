package io.holdfast;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.jspecify.annotations.NullMarked;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

@AnalyzeClasses(packages = "io.holdfast", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	/**
	 * Each layer builds on those before it. Packages of one layer do not see each other.
	 */
	private static final List<List<String>> LAYERS = List.of(List.of("framing"), List.of("protocol"),
			List.of("transport"), List.of("connection"), List.of("liveness", "admission"),
			List.of("listener", "upstream"), List.of("route"), List.of("drain", "diagnosis"), List.of("actuate"),
			List.of("config"));

	@ArchTest
	static final ArchRule packagesHaveNoCycles = SlicesRuleDefinition.slices()
		.matching("io.holdfast.(*)..")
		.should()
		.beFreeOfCycles();

	@ArchTest
	static final ArchRule micrometerStaysInActuate = noClasses().that()
		.resideOutsideOfPackage("io.holdfast.actuate..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("io.micrometer..");

	@ArchTest
	static final ArchRule timeOfDayComesFromAClock = noClasses().should()
		.callMethod(System.class, "currentTimeMillis")
		.orShould()
		.callMethod(Instant.class, "now");

	// the transport measures spans on event loops, where a clock's call per frame would
	// show
	@ArchTest
	static final ArchRule nanoTimeStaysInTransport = noClasses().that()
		.resideOutsideOfPackage("io.holdfast.transport..")
		.should()
		.callMethod(System.class, "nanoTime");

	@ArchTest
	static final ArchRule systemClockComesFromTheCompositionRoot = noClasses().that()
		.resideOutsideOfPackages("io.holdfast.config..", "io.holdfast.transport..")
		.should()
		.callMethod(Clock.class, "systemUTC")
		.orShould()
		.callMethod(Clock.class, "systemDefaultZone");

	@ArchTest
	static final ArchRule namesSayWhatAClassIs = noClasses().should()
		.haveNameMatching(".*(Impl|Manager|Utils?|Helper)")
		.orShould()
		.haveSimpleNameStartingWith("Abstract");

	@ArchTest
	static void packagesBuildOnEachOtherInOrder(JavaClasses classes) {
		for (int layer = 0; layer < LAYERS.size(); layer++) {
			List<String> above = LAYERS.subList(layer + 1, LAYERS.size()).stream().flatMap(List::stream).toList();
			for (String name : LAYERS.get(layer)) {
				String[] hidden = Stream
					.concat(above.stream(), LAYERS.get(layer).stream().filter((sibling) -> !sibling.equals(name)))
					.map(ArchitectureTests::inside)
					.toArray(String[]::new);
				if (hidden.length > 0) {
					noClasses().that()
						.resideInAPackage(inside(name))
						.should()
						.dependOnClassesThat()
						.resideInAnyPackage(hidden)
						.allowEmptyShould(true)
						.check(classes);
				}
			}
		}
	}

	@ArchTest
	static void everyPackageHasItsLayer(JavaClasses classes) {
		List<String> known = LAYERS.stream().flatMap(List::stream).map((name) -> "io.holdfast." + name).toList();
		assertThat(classes.getPackage("io.holdfast").getSubpackages()).extracting(JavaPackage::getName)
			.isSubsetOf(known);
	}

	@ArchTest
	static void everyPackageIsNullMarked(JavaClasses classes) {
		classes.getPackage("io.holdfast")
			.getSubpackagesInTree()
			.forEach((each) -> assertThat(each.isAnnotatedWith(NullMarked.class)).as(each.getName()).isTrue());
	}

	private static String inside(String name) {
		return "io.holdfast." + name + "..";
	}

}
