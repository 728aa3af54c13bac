// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApplicationTargetTest {

    @ParameterizedTest
    @CsvSource({"plain,,true", "plain,a,false", "many,,true", "many,a,true", "many,b,true", "many,c,false",
        "none,,false"})
    void findsApplicationsAndTargets(String name, String target, boolean found) {
        try (TestMain main = new TestMain(1)) {
            AppPool plain = main.pool("\"processes\":{}");
            AppPool many = main.pool("\"processes\":{},\"targets\":{\"a\":{},\"b\":{}}");
            ApplicationTarget targets = new ApplicationTarget(Map.of("plain", plain, "many", many));
            assertEquals(found, targets.find(Optional.of(name), Optional.ofNullable(target)).isPresent());
            plain.retire().toCompletableFuture().join();
        }
    }
}
