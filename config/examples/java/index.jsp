<%-- SPDX-License-Identifier: Apache-2.0
The application of `./margay demo --language java`: greets, and shows what the server told it of the request. --%><%@ page contentType="text/plain; charset=utf-8" %>Hello from Margay.

Method: <%= request.getMethod() %>
URL: <%= request.getRequestURL() %>
Query: <%= request.getQueryString() %>
Client: <%= request.getRemoteAddr() %>
Java: <%= Runtime.version() %>
