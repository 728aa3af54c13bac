// SPDX-License-Identifier: Apache-2.0
/** Shows upstreams, and keeps requests from their servers. */
package io.margay.control.upstreams;
