package io.breakwater.replicator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The one direction of imports, in the data plane. */
@AnalyzeClasses(packages = "io.breakwater.replicator", importOptions = ImportOption.DoNotIncludeTests.class)
class ImportsTest {

    @ArchTest
    static final ArchRule THE_CONTROLLER_IS_MET_ONLY_IN_RECEIPTS_AND_NAMES = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.breakwater.controller..", "io.breakwater.fence..", "io.breakwater.local..");

    @ArchTest
    static final ArchRule NOTHING_KNOWS_HOW_IT_IS_STARTED = noClasses()
            .that()
            .resideOutsideOfPackages("io.breakwater.replicator.app..", "io.breakwater.replicator..cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.breakwater.replicator.app..", "io.breakwater.replicator..cli..", "picocli..");

    /** The command that a person verifies with is on the person's side. */
    @ArchTest
    static final ArchRule IT_DOES_NOT_VERIFY_ITSELF = noClasses()
            .that()
            .resideOutsideOfPackage("io.breakwater.replicator.delta.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.breakwater.verification..", "io.breakwater.evidence..");
}
