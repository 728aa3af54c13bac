// SPDX-License-Identifier: Apache-2.0
/** Says how the server is. */
package io.margay.control.health;
