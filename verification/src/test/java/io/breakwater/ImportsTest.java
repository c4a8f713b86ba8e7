package io.breakwater;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;

/** The one direction of imports, in the ground floor. */
@AnalyzeClasses(packages = "io.breakwater", importOptions = ImportOption.DoNotIncludeTests.class)
class ImportsTest {

    private static final String[] VOCABULARY_NEEDS = {
        "io.breakwater.platform", "java..", "com.fasterxml.jackson..", "org.yaml.snakeyaml..", "org.jspecify.."
    };

    private static final DescribedPredicate<JavaClass> REGION_BUT_OBJECT_STORES = resideInAPackage(
                    "io.breakwater.region..")
            .and(DescribedPredicate.not(JavaClass.Predicates.equivalentTo(ObjectStore.class)))
            .and(DescribedPredicate.not(JavaClass.Predicates.equivalentTo(ObjectStore.ObjectInfo.class)))
            .and(DescribedPredicate.not(JavaClass.Predicates.equivalentTo(ObjectStore.PutOutcome.class)))
            .and(DescribedPredicate.not(JavaClass.Predicates.equivalentTo(ObjectStoreException.class)))
            .and(DescribedPredicate.not(JavaClass.Predicates.equivalentTo(ObjectUri.class)));

    @ArchTest
    static final ArchRule NOTHING_ABOVE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.breakwater.replicator..", "io.breakwater.controller..", "io.breakwater.local..");

    @ArchTest
    static final ArchRule THE_VOCABULARY_KNOWS_NO_CLIENT = classes()
            .that()
            .resideInAPackage("io.breakwater.platform..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(VOCABULARY_NEEDS);

    @ArchTest
    static final ArchRule REGION_KNOWS_ONLY_THE_VOCABULARY = noClasses()
            .that()
            .resideInAPackage("io.breakwater.region..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.breakwater.verification..", "io.breakwater.evidence..");

    @ArchTest
    static final ArchRule EVIDENCE_KNOWS_ONLY_OBJECT_STORES = noClasses()
            .that()
            .resideInAPackage("io.breakwater.evidence..")
            .should()
            .dependOnClassesThat(REGION_BUT_OBJECT_STORES)
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("io.breakwater.verification..", "org.apache..", "software.amazon..", "io.delta..");

    @ArchTest
    static final ArchRule VERIFIERS_KNOW_NO_EVIDENCE = noClasses()
            .that()
            .resideInAPackage("io.breakwater.verification..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.breakwater.evidence..");
}
