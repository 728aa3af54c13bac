// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

/** An edition of the platform, which the container of an application has to be of. */
public enum Edition {
    /** Java EE 8: {@code javax.servlet}. */
    EE8("io.margay.lang.java.ee8.Ee8Context"),
    /** Jakarta EE 9: the same under the name {@code jakarta.servlet}. */
    EE9("io.margay.lang.java.ee9.Ee9Context"),
    /** Jakarta EE 10, which dropped what had long been deprecated. */
    EE10("io.margay.lang.java.runner.Ee10Context");

    private final String context;

    Edition(String context) {
        this.context = context;
    }

    /** What makes its handlers, from the jars of the edition. */
    WebContext context(RunnerOptions options) throws ReflectiveOperationException {
        ClassLoader loader = Edition.class.getClassLoader();
        if (this != EE10) {
            loader = EditionLoader.of(options.jars(this), loader);
            // The application's loader takes it for its parent.
            Thread.currentThread().setContextClassLoader(loader);
        }
        return (WebContext) loader.loadClass(context).getConstructor().newInstance();
    }
}
