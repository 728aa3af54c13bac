// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Takes the ids of the application (spec/isolation.md §1, "Applying"). */
final class IdentitySteps {

    private static final String OUTSIDE = " isn't valid in the application namespace.";

    private final Identity identity;
    private final Assembly assembly;

    IdentitySteps(Identity identity, Assembly assembly) {
        this.identity = identity;
        this.assembly = assembly;
    }

    void add() {
        String uid = Integer.toUnsignedString(identity.uid());
        String gid = Integer.toUnsignedString(identity.gid());
        assembly.step("group", Failure.alert("setgid(" + gid + ") failed %E").invalid("The gid " + gid + OUTSIDE),
            Call.SETGID, Arg.id(identity.gid()));
        identity.groups().ifPresent(this::groups);
        assembly.step("user", Failure.alert("setuid(" + uid + ") failed %E")
            .invalid("The uid " + uid + " (user \"" + identity.user() + "\")" + OUTSIDE),
            Call.SETUID, Arg.id(identity.uid()));
        if (identity.uid() != 0) {
            dropCapabilities();
        }
    }

    private void groups(int[] groups) {
        ByteBuffer list = Pool.buffer(groups.length * Integer.BYTES);
        Arrays.stream(groups).forEach(list::putInt);
        Failure failure = Failure.alert("setgroups(" + groups.length + ") failed %E")
            .invalid("The user \"" + identity.user() + "\" (uid: " + Integer.toUnsignedString(identity.uid())
                + ") has supplementary group ids not valid in the application namespace.");
        String shown = Arrays.toString(Arrays.stream(groups).mapToObj(Integer::toUnsignedString).toArray());
        assembly.step("user", failure, Call.SETGROUPS, Arg.num(groups.length),
            Arg.bytes(assembly.pool(), list.array(), shown));
    }

    /**
     * setuid() drops them only when it leaves uid 0 of the current user namespace. A server that lives on file or
     * ambient capabilities, or whose uid 0 is not mapped, would pass its own to the application.
     */
    private void dropCapabilities() {
        byte[] header = Pool.buffer(8).putInt(Kernel.CAPABILITY_VERSION_3).array();
        assembly.step("user", Failure.alert("capset() failed %E"), Call.CAPSET,
            Arg.bytes(assembly.pool(), header, "{_LINUX_CAPABILITY_VERSION_3}"),
            Arg.bytes(assembly.pool(), new byte[24], "{}"));
    }
}
