// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.io.IOException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Says why Jetty does not send an answer, such as one whose head is too large, which it tells the client alone. */
final class FailedAnswers extends ErrorHandler {

    private static final int SERVER_ERROR = 500;

    @Override
    protected void generateResponse(Request request, Response response, int code, String message, Throwable cause,
            Callback callback) throws IOException {
        if (cause instanceof HttpException && code >= SERVER_ERROR) {
            System.err.println("the answer to " + request.getHttpURI().getPath() + " cannot be sent: " + message);
        }
        super.generateResponse(request, response, code, message, cause, callback);
    }
}
