// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CredentialTest {
    private static final Credential BASE = new Credential("u", 1, 2, new int[] {3, 4});

    @Test
    void keepsItsOwnArray() {
        int[] groups = {3, 4};
        Credential credential = new Credential("u", 1, 2, groups);
        groups[0] = 0;
        credential.groups()[1] = 0;
        assertArrayEquals(new int[] {3, 4}, credential.groups());
    }

    @Test
    void equalByContent() {
        Credential same = new Credential("u", 1, 2, new int[] {3, 4});
        assertEquals(BASE, same);
        assertEquals(BASE.hashCode(), same.hashCode());
    }

    static List<Credential> others() {
        return List.of(new Credential("v", 1, 2, new int[] {3, 4}), new Credential("u", 0, 2, new int[] {3, 4}),
            new Credential("u", 1, 0, new int[] {3, 4}), new Credential("u", 1, 2, new int[] {3}));
    }

    @ParameterizedTest
    @MethodSource("others")
    void differs(Credential other) {
        assertNotEquals(BASE, other);
    }

    @Test
    void printsUnsigned() {
        assertEquals("u uid 4294967294 gid 2147483648 groups [4294967293]",
            new Credential("u", -2, Integer.MIN_VALUE, new int[] {-3}).toString());
    }
}
