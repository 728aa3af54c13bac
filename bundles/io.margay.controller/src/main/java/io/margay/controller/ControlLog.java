// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import org.osgi.annotation.versioning.ConsumerType;

/** Takes the lines of the control plane for the server log. */
@ConsumerType
public interface ControlLog {

    /** What an operator wants to look up later. */
    void info(String text);

    /** What an operator must look at. */
    void alert(String text);
}
