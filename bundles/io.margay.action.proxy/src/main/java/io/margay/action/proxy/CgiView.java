// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Request;
import io.margay.lang.RequestView;
import io.netty.util.AsciiString;

/** A request as the encoder of CGI variables reads it, with the fields that are for a server. Belongs to one loop. */
final class CgiView implements RequestView {
    private final ServerFields fields;
    private Request request;

    CgiView(ServerFields fields) {
        this.fields = fields;
    }

    /** What is read from now on. */
    CgiView of(Request now) {
        request = now;
        return this;
    }

    @Override
    public AsciiString method() {
        return request.method();
    }

    @Override
    public AsciiString target() {
        return request.target();
    }

    @Override
    public AsciiString path() {
        // What stands for it depends on the script.
        return AsciiString.EMPTY_STRING;
    }

    @Override
    public AsciiString query() {
        return request.query();
    }

    @Override
    public AsciiString version() {
        return request.version();
    }

    @Override
    public AsciiString remoteAddress() {
        return request.remote().text();
    }

    @Override
    public AsciiString localAddress() {
        return request.local().text();
    }

    @Override
    public AsciiString localPort() {
        return request.local().portText();
    }

    @Override
    public AsciiString serverName() {
        return request.serverName();
    }

    @Override
    public boolean tls() {
        return request.isTls();
    }

    @Override
    public int targetIndex() {
        return 0;
    }

    @Override
    public int fieldCount() {
        return fields.count();
    }

    @Override
    public AsciiString fieldName(int index) {
        return fields.name(index);
    }

    @Override
    public AsciiString fieldValue(int index) {
        return fields.value(index);
    }

    @Override
    public long contentLength() {
        return request.contentLength();
    }
}
