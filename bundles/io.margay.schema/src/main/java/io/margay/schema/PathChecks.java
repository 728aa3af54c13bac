// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.ConfText;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** Paths of isolation. */
final class PathChecks {
    private static final int MAX_PATH = 4095;

    private PathChecks() {
    }

    /** An absolute path that is not the root in disguise. */
    static void rootfs(Subject at) throws Invalid {
        String path = at.text();
        String begin = "The \"rootfs\" path \"" + path + "\" is invalid; ";
        Checks.require(path.startsWith("/") && path.length() > 1, at,
            begin + "an absolute path other than \"/\" is required.");
        Deque<String> names = new ArrayDeque<>();
        for (String name : path.split("/")) {
            if (name.equals("..")) {
                names.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.addLast(name);
            }
        }
        Checks.require(!names.isEmpty(), at, begin + "it resolves to \"/\".");
    }

    /** A path that stays below the control group that it starts from. */
    static void cgroup(Subject at) throws Invalid {
        String path = at.text();
        Checks.require(!path.isEmpty() && !Arrays.asList(path.split("/", -1)).contains(".."), at,
            "The cgroup path \"" + path + "\" is invalid.");
        Checks.require(ConfText.encode(path).length <= MAX_PATH, at, "The cgroup path \"" + path + "\" is too long.");
    }
}
