// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;
/** t. */
public record Credential(String user, int uid, int gid, int[] groups) { }
