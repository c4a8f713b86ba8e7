package io.breakwater.controller;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;

/** The one direction of imports, in the control plane, and a core that is pure. */
@AnalyzeClasses(packages = "io.breakwater.controller", importOptions = ImportOption.DoNotIncludeTests.class)
class ImportsTest {

    @ArchTest
    static final ArchRule THE_REPLICATOR_IS_MET_ONLY_IN_RECEIPTS_AND_NAMES = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.breakwater.replicator..", "io.breakwater.fence..", "io.breakwater.local..");

    @ArchTest
    static final ArchRule THE_CORE_NEEDS_ONLY_VALUES = classes()
            .that()
            .resideInAPackage("io.breakwater.controller.core..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.breakwater.controller.core..",
                    "io.breakwater.platform..",
                    "java.lang..",
                    "java.util",
                    "java.util.function",
                    "java.util.stream",
                    "java.util.regex",
                    "java.time",
                    "java.nio.charset",
                    "com.fasterxml.jackson..",
                    "org.jspecify..");

    @ArchTest
    static final ArchRule THE_CORE_ASKS_NO_CLOCK = noClasses()
            .that()
            .resideInAPackage("io.breakwater.controller.core..")
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Random.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class);

    @ArchTest
    static final ArchRule RATIS_STAYS_IN_CONSENSUS = noClasses()
            .that()
            .resideOutsideOfPackage("io.breakwater.controller.consensus..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.ratis..");

    @ArchTest
    static final ArchRule STEPS_KNOW_NO_CONSENSUS = noClasses()
            .that()
            .resideInAnyPackage("io.breakwater.controller.runbook..", "io.breakwater.controller.signal..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.breakwater.controller.consensus..",
                    "io.breakwater.controller.api..",
                    "io.breakwater.controller.app..",
                    "org.apache.ratis..",
                    "io.vertx..");
}
