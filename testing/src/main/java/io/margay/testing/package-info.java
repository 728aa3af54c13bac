// SPDX-License-Identifier: Apache-2.0
/** What the tests of several bundles share; never part of the distribution. */
package io.margay.testing;
