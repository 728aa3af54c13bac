// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

/** The JSON value {@code null}. */
public enum ConfNull implements Conf {
    /** The only value. */
    NULL
}
