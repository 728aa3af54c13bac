// SPDX-License-Identifier: Apache-2.0

/**
 * FastCGI 1.0 as it is spoken to responders: records as they are written and read, the head of a CGI response. For the
 * wire of applications and for upstreams. No method takes or returns null.
 */
@Export
@Version("1.0.0")
package io.margay.http.fastcgi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
