package io.breakwater.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaseAnswerTest {

    private static final String JSON = """
            {"region":"east","groups":[{"group":"flights","active":true,"epoch":3,"ingress":true,"pipeline":true,\
            "leaseMillis":6000,"topics":["flights[.].*"],"consumerGroups":["flights-.*"],\
            "pipelinePrincipals":["User:pipeline"],"later":1}],"renewal":9}""";

    @Test
    void readsAnAnswerAndIgnoresWhatALaterReleaseAdds() {
        LeaseAnswer answer = parse(JSON);

        assertThat(answer.groups()).hasSize(1);
        assertThat(answer.groups().get(0).epoch()).isEqualTo(3);
        assertThat(answer.groups().get(0).topics()).containsExactly("flights[.].*");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "topics":["flights[.].*"],      |
            "pipelinePrincipals":["User:pipeline"], |
            "epoch":3,                            |
            "epoch":3                             | "epoch":0
            "epoch":3                             | "epoch":null
            "leaseMillis":6000                    | "leaseMillis":99999999
            "active":true                         | "active":false
            "flights-.*"                          | "flights-("
            "region":"east"                       | "region":"west"
            "renewal":9}                          | "renewal":9}}
            "later":1                             | "later":
            """, quoteCharacter = '\'')
    void refusesAnAnswerThatLeavesRoomForAGuess(String part, String instead) {
        assertThat(JSON).contains(part);

        String json = JSON.replace(part, instead == null ? "" : instead);

        assertThatThrownBy(() -> parse(json)).isInstanceOf(IllegalArgumentException.class);
    }

    private static LeaseAnswer parse(String json) {
        return LeaseAnswer.parse("east", json.getBytes(StandardCharsets.UTF_8));
    }
}
