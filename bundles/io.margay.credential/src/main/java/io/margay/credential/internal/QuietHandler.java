// SPDX-License-Identifier: Apache-2.0
package io.margay.credential.internal;

import java.io.File;
import java.io.InputStream;
import java.io.PrintStream;
import jnr.constants.platform.Errno;
import jnr.posix.POSIXHandler;

/** What jnr-posix asks its host for. It writes nothing to the log's descriptor; errors are thrown. */
final class QuietHandler implements POSIXHandler {
    @Override
    public void error(Errno error, String extraData) {
        throw new IllegalStateException(extraData + ": " + error.description());
    }

    @Override
    public void error(Errno error, String methodName, String extraData) {
        throw new IllegalStateException(methodName + "(" + extraData + "): " + error.description());
    }

    @Override
    public void unimplementedError(String methodName) {
        throw new UnsupportedOperationException(methodName);
    }

    /** Its warnings are about calls that a platform lacks; the look-ups exist on each. */
    @Override
    public void warn(WARNING_ID id, String message, Object... data) {
    }

    @Override
    public boolean isVerbose() {
        return false;
    }

    @Override
    public File getCurrentWorkingDirectory() {
        return new File(".");
    }

    @Override
    public String[] getEnv() {
        return new String[0];
    }

    @Override
    public InputStream getInputStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public PrintStream getOutputStream() {
        return new PrintStream(PrintStream.nullOutputStream());
    }

    @Override
    public int getPID() {
        return (int) ProcessHandle.current().pid();
    }

    @Override
    public PrintStream getErrorStream() {
        return new PrintStream(PrintStream.nullOutputStream());
    }
}
