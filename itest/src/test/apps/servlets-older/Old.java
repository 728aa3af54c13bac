// SPDX-License-Identifier: Apache-2.0
package site;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Calls what Servlet 6 does not have any more; EditionsIT compiles it. */
@WebServlet("/old")
public class Old extends HttpServlet {
    @Override
    @SuppressWarnings("deprecation")
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter().print(getServletContext().getMajorVersion() + " "
            + request.isRequestedSessionIdFromUrl());
    }
}
