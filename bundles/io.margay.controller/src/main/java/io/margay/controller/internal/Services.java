// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.certificate.CertificateReader;
import io.margay.control.ControlResources;
import io.margay.controller.ConfigPlane;
import io.margay.schema.Options;
import io.margay.script.ScriptChecker;
import org.osgi.framework.BundleContext;

/**
 * What the controller is made of and other bundles give.
 *
 * @param bundles installs language modules
 * @param options those of all bundles
 * @param plane the configuration, not open yet
 * @param resources what answers
 * @param certificates reads uploaded certificates
 * @param scripts looks at uploaded scripts
 */
record Services(BundleContext bundles, Options options, ConfigPlane plane, ControlResources resources,
                CertificateReader certificates, ScriptChecker scripts) {
}
