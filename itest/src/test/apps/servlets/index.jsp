<%-- SPDX-License-Identifier: Apache-2.0 --%><%@ page import="java.util.List" %>Welcome<% for (String word
    : List.of("a", "b")) { %> <%= word %><% } %> ${6 * 7}
