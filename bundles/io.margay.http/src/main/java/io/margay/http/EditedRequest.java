// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A request of which a filter or an observer has changed fields; everything else is that of the request as it came. */
final class EditedRequest implements Request {
    /** Stands for all fields of its name; -1 for a field that was added, else its number in the request as it came. */
    private record Field(int number, AsciiString name, AsciiString value) {
    }

    private final Request request;
    private final List<Field> fields;

    private EditedRequest(Request request, List<Field> fields) {
        this.request = request;
        this.fields = fields;
    }

    /** The request without the fields of a name, and with one of it if there is a value. Names are tokens. */
    static EditedRequest of(Request before, AsciiString name, Optional<AsciiString> value) {
        Request first = before instanceof EditedRequest edited ? edited.request : before;
        List<Field> fields = new ArrayList<>(before.fieldCount() + 1);
        for (int i = 0; i < before.fieldCount(); i++) {
            Field field = before instanceof EditedRequest edited ? edited.fields.get(i)
                : new Field(i, AsciiString.EMPTY_STRING, AsciiString.EMPTY_STRING);
            if (!before.name(i).contentEqualsIgnoreCase(name)) {
                fields.add(field);
            }
        }
        value.ifPresent(text -> fields.add(new Field(-1, name, text)));
        return new EditedRequest(first, fields);
    }

    @Override
    public int fieldCount() {
        return fields.size();
    }

    @Override
    public AsciiString name(int field) {
        Field found = fields.get(field);
        return found.number < 0 ? found.name : request.name(found.number);
    }

    @Override
    public AsciiString value(int field) {
        Field found = fields.get(field);
        return found.number < 0 ? found.value : request.value(found.number);
    }

    @Override
    public void writeValue(int field, TextSink out) {
        Field found = fields.get(field);
        if (found.number < 0) {
            out.put(found.value.array(), found.value.arrayOffset(), found.value.length());
        } else {
            request.writeValue(found.number, out);
        }
    }

    @Override
    public int find(AsciiString name, int from) {
        for (int i = from; i < fields.size(); i++) {
            if (name(i).contentEqualsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int find(KnownField field) {
        for (int i = fields.size() - 1; i >= 0; i--) {
            if (known(i) == field) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public KnownField known(int field) {
        Field found = fields.get(field);
        if (found.number >= 0) {
            return request.known(found.number);
        }
        AsciiString name = found.name;
        return KnownField.of(name.array(), name.arrayOffset(), name.arrayOffset() + name.length());
    }

    @Override
    public AsciiString method() {
        return request.method();
    }

    @Override
    public boolean isGet() {
        return request.isGet();
    }

    @Override
    public boolean isHead() {
        return request.isHead();
    }

    @Override
    public AsciiString scheme() {
        return request.scheme();
    }

    @Override
    public AsciiString authority() {
        return request.authority();
    }

    @Override
    public AsciiString host() {
        return request.host();
    }

    @Override
    public AsciiString serverName() {
        return request.serverName();
    }

    @Override
    public AsciiString target() {
        return request.target();
    }

    @Override
    public AsciiString path() {
        return request.path();
    }

    @Override
    public AsciiString query() {
        return request.query();
    }

    @Override
    public boolean hasQuery() {
        return request.hasQuery();
    }

    @Override
    public AsciiString version() {
        return request.version();
    }

    @Override
    public AsciiString line() {
        return request.line();
    }

    @Override
    public boolean hasLine() {
        return request.hasLine();
    }

    @Override
    public void writeLine(TextSink out) {
        request.writeLine(out);
    }

    @Override
    public long contentLength() {
        return request.contentLength();
    }

    @Override
    public ByteBuf body() {
        return request.body();
    }

    @Override
    public Optional<Fd> bodyFile() {
        return request.bodyFile();
    }

    @Override
    public PeerAddress remote() {
        return request.remote();
    }

    @Override
    public PeerAddress local() {
        return request.local();
    }

    @Override
    public boolean isTls() {
        return request.isTls();
    }

    @Override
    public Optional<TlsInfo> handshake() {
        return request.handshake();
    }

    @Override
    public boolean isWebSocket() {
        return request.isWebSocket();
    }

    @Override
    public AsciiString requestId() {
        return request.requestId();
    }
}
