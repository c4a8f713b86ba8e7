package io.breakwater.controller;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Random;

@AnalyzeClasses(packages = "io.breakwater", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule theCoreIsPure = classes()
            .that()
            .resideInAPackage("io.breakwater.controller.core..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.breakwater.controller.core..",
                    "io.breakwater.platform..",
                    "com.fasterxml.jackson.annotation..",
                    "com.fasterxml.jackson.databind..",
                    "org.jspecify.annotations..",
                    "java.lang..",
                    "java.util",
                    "java.util.function..",
                    "java.util.stream..",
                    "java.time..",
                    "java.nio.charset..");

    @ArchTest
    static final ArchRule theCoreHasNoClockThreadOrChance = noClasses()
            .that()
            .resideInAPackage("io.breakwater.controller.core..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.time.Clock")
            .orShould()
            .callMethod("java.time.Instant", "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Random.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class);

    @ArchTest
    static final ArchRule theControllerNeverImportsTheReplicator = noClasses()
            .that()
            .resideInAPackage("io.breakwater.controller..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.breakwater.replicator..");

    @ArchTest
    static final ArchRule ratisStaysInConsensus = noClasses()
            .that()
            .resideOutsideOfPackage("io.breakwater.controller.consensus..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.ratis..");

    @ArchTest
    static final ArchRule runbooksKnowNeitherConsensusNorApi = noClasses()
            .that()
            .resideInAPackage("io.breakwater.controller.runbook..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.breakwater.controller.consensus..",
                    "io.breakwater.controller.api..",
                    "io.breakwater.controller.app..");
}
