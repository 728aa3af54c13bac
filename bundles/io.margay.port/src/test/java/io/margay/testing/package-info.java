// SPDX-License-Identifier: Apache-2.0
/**
 * What the tests of several bundles share and ports are tested with already: it stands here, and not in the module
 * {@code testing}, since that needs bundles whose own tests need it. That module passes it on.
 */
package io.margay.testing;
