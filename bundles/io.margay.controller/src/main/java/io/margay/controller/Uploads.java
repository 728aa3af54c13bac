// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.certificate.CertificateReader;
import io.margay.log.ErrorLog;
import io.margay.schema.Facts;
import io.margay.schema.ModuleTypes;
import io.margay.script.ScriptChecker;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * The certificates and scripts of the server, as the control API and validation know them. All methods are called on
 * the thread of {@link ControlApi}.
 */
public final class Uploads {
    private final UploadResource certificates;
    private final UploadResource scripts;
    private final ScriptChecker checker;

    /**
     * Knows no content yet.
     *
     * @param loop the thread of the API
     * @param store keeps contents
     * @param reader reads certificates
     * @param checker looks at scripts
     * @param log takes lines for the server log
     */
    public Uploads(Executor loop, ContentStore store, CertificateReader reader, ScriptChecker checker, ErrorLog log) {
        this.checker = checker;
        certificates = new UploadResource(ContentKind.CERTIFICATE, new CertificateRules(reader), loop, store, log);
        scripts = new UploadResource(ContentKind.SCRIPT, new ScriptRules(checker), loop, store, log);
    }

    /** Takes what an earlier process has stored; what cannot be used is left out with a line in the log. */
    public void restore(ContentKind kind, Map<String, byte[]> stored) {
        (kind == ContentKind.CERTIFICATE ? certificates : scripts).restore(stored);
    }

    /**
     * What validation must know, with these contents.
     *
     * @param modules the languages
     * @param readers tells of a reader of options whether it is there
     */
    public Facts facts(ModuleTypes modules, Predicate<String> readers) {
        return new Facts() {
            @Override
            public ModuleTypes modules() {
                return modules;
            }

            @Override
            public boolean reads(String reader) {
                return readers.test(reader);
            }

            @Override
            public boolean certificate(String name) {
                return certificates.has(name);
            }

            @Override
            public boolean key(String name) {
                return CertificateInfo.hasKey(certificates.content(name));
            }

            @Override
            public boolean script(String name) {
                return scripts.has(name);
            }

            @Override
            public Optional<String> scriptProblem(String template) {
                return checker.templateProblem(template);
            }
        };
    }

    void bind(ConfigInForce configuration, WorkQueue changes, Happenings happenings) {
        certificates.bind(configuration, changes, happenings);
        scripts.bind(configuration, changes, happenings);
    }

    UploadResource certificates() {
        return certificates;
    }

    UploadResource scripts() {
        return scripts;
    }
}
