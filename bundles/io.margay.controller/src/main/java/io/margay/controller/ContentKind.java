// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

/** What clients may upload besides a configuration. */
public enum ContentKind {
    /** Chains with their private key ({@code spec/control-api.md §8}). */
    CERTIFICATE,
    /** JavaScript modules ({@code spec/control-api.md §9}). */
    SCRIPT
}
