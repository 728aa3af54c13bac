// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/**
 * A whole response that is the same for every request, made once. A protocol may keep with it how it looks on the wire,
 * so that sending it again costs one copy.
 */
public final class Answer {
    private static final Object NOTHING = new Object();

    private final int status;
    private final Fields fields;
    private final byte[] body;
    private final Variants variants;
    private volatile Object prepared = NOTHING;

    /**
     * Creates an answer.
     *
     * @param body not copied, not to be changed any more
     */
    public Answer(int status, Fields fields, byte[] body) {
        this.status = status;
        this.fields = fields;
        this.body = body;
        variants = new Variants(body.length);
    }

    /** The status. */
    public int status() {
        return status;
    }

    /** The fields, without those that the server adds. */
    public Fields fields() {
        return fields;
    }

    /** The body; not to be changed. */
    public byte[] body() {
        return body;
    }

    /** What filters have made of the body; together at most as large as it. */
    public Variants variants() {
        return variants;
    }

    /** What {@link #prepared(Object)} was given last; any protocol may have done it. */
    public Object prepared() {
        return prepared;
    }

    /** Keeps an immutable value of a protocol. */
    public void prepared(Object value) {
        prepared = value;
    }
}
