// SPDX-License-Identifier: Apache-2.0

/** Templates in JavaScript. Exports nothing, so that it can be replaced alone. */
package io.margay.template.script;
