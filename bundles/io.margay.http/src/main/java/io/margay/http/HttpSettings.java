// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/** The options of {@code settings/http} that the HTTP plane itself obeys (spec/http.md §1), immutable. */
public final class HttpSettings {
    /** The values in force when nothing is configured. */
    public static final HttpSettings DEFAULTS = new HttpSettings(new Builder());

    private final Builder values;

    private HttpSettings(Builder values) {
        this.values = values;
    }

    /** A builder that begins with these values. */
    public Builder change() {
        return new Builder(values);
    }

    /** Deadline for a whole request head, seconds; 0 none. */
    public int headerReadTimeout() {
        return values.headerReadTimeout;
    }

    /** Longest gap between two reads of a body, seconds; 0 none. */
    public int bodyReadTimeout() {
        return values.bodyReadTimeout;
    }

    /** Longest time in which a write makes no progress, seconds; 0 none. */
    public int sendTimeout() {
        return values.sendTimeout;
    }

    /** Fewest bytes of a body in a second, on average; 0 any. */
    public int bodyMinRate() {
        return values.bodyMinRate;
    }

    /** Fewest bytes in a second that a client takes while there are some for it, on average; 0 any. */
    public int sendMinRate() {
        return values.sendMinRate;
    }

    /** Wait for the first byte of a request, seconds; 0 none. */
    public int idleTimeout() {
        return values.idleTimeout;
    }

    /** Bytes of one extra head buffer. */
    public int largeHeaderBufferSize() {
        return values.largeHeaderBufferSize;
    }

    /** Extra head buffers that one request may use. */
    public int largeHeaderBuffers() {
        return values.largeHeaderBuffers;
    }

    /** Bodies up to this many bytes stay in memory. */
    public int bodyBufferSize() {
        return values.bodyBufferSize;
    }

    /** Longest body, bytes; 0 allows none. */
    public long maxBodySize() {
        return values.maxBodySize;
    }

    /** Directory of body files. */
    public String bodyTempPath() {
        return values.bodyTempPath;
    }

    /** Whether fields with unusual names are dropped. */
    public boolean discardUnsafeFields() {
        return values.discardUnsafeFields;
    }

    /** Whether chunked request bodies are accepted. */
    public boolean chunkedTransform() {
        return values.chunkedTransform;
    }

    /** Whether {@code Server} carries the version. */
    public boolean serverVersion() {
        return values.serverVersion;
    }

    /** Whether the routing of each request is logged. */
    public boolean logRoute() {
        return values.logRoute;
    }

    /** Longest head of a response that an application may send, bytes. */
    public int maxResponseHeadSize() {
        return values.maxResponseHeadSize;
    }

    /** What is in force once a connection has become a WebSocket. */
    public WebSocketSettings webSocket() {
        return values.webSocket;
    }

    /** Collects values. */
    public static final class Builder {
        private int headerReadTimeout = 30;
        private int bodyReadTimeout = 30;
        private int sendTimeout = 30;
        private int bodyMinRate;
        private int sendMinRate;
        private int idleTimeout = 30;
        private int largeHeaderBufferSize = 8192;
        private int largeHeaderBuffers = 4;
        private int bodyBufferSize = 16384;
        private long maxBodySize = 8388608;
        private String bodyTempPath = "/tmp";
        private boolean discardUnsafeFields = true;
        private boolean chunkedTransform;
        private boolean serverVersion = true;
        private boolean logRoute;
        private int maxResponseHeadSize = 1 << 20;
        private WebSocketSettings webSocket = WebSocketSettings.DEFAULTS;

        private Builder() {
        }

        private Builder(Builder other) {
            headerReadTimeout = other.headerReadTimeout;
            bodyReadTimeout = other.bodyReadTimeout;
            sendTimeout = other.sendTimeout;
            bodyMinRate = other.bodyMinRate;
            sendMinRate = other.sendMinRate;
            idleTimeout = other.idleTimeout;
            largeHeaderBufferSize = other.largeHeaderBufferSize;
            largeHeaderBuffers = other.largeHeaderBuffers;
            bodyBufferSize = other.bodyBufferSize;
            maxBodySize = other.maxBodySize;
            bodyTempPath = other.bodyTempPath;
            discardUnsafeFields = other.discardUnsafeFields;
            chunkedTransform = other.chunkedTransform;
            serverVersion = other.serverVersion;
            logRoute = other.logRoute;
            maxResponseHeadSize = other.maxResponseHeadSize;
            webSocket = other.webSocket;
        }

        /** Sets {@link HttpSettings#headerReadTimeout()}. */
        public Builder headerReadTimeout(int seconds) {
            headerReadTimeout = seconds;
            return this;
        }

        /** Sets {@link HttpSettings#bodyReadTimeout()}. */
        public Builder bodyReadTimeout(int seconds) {
            bodyReadTimeout = seconds;
            return this;
        }

        /** Sets {@link HttpSettings#sendTimeout()}. */
        public Builder sendTimeout(int seconds) {
            sendTimeout = seconds;
            return this;
        }

        /** Sets {@link HttpSettings#bodyMinRate()}. */
        public Builder bodyMinRate(int bytes) {
            bodyMinRate = bytes;
            return this;
        }

        /** Sets {@link HttpSettings#sendMinRate()}. */
        public Builder sendMinRate(int bytes) {
            sendMinRate = bytes;
            return this;
        }

        /** Sets {@link HttpSettings#idleTimeout()}. */
        public Builder idleTimeout(int seconds) {
            idleTimeout = seconds;
            return this;
        }

        /** Sets {@link HttpSettings#largeHeaderBufferSize()} and {@link HttpSettings#largeHeaderBuffers()}. */
        public Builder largeHeaders(int bytes, int count) {
            largeHeaderBufferSize = bytes;
            largeHeaderBuffers = count;
            return this;
        }

        /** Sets {@link HttpSettings#bodyBufferSize()}. */
        public Builder bodyBufferSize(int bytes) {
            bodyBufferSize = bytes;
            return this;
        }

        /** Sets {@link HttpSettings#maxBodySize()}. */
        public Builder maxBodySize(long bytes) {
            maxBodySize = bytes;
            return this;
        }

        /** Sets {@link HttpSettings#bodyTempPath()}. */
        public Builder bodyTempPath(String directory) {
            bodyTempPath = directory;
            return this;
        }

        /** Sets {@link HttpSettings#discardUnsafeFields()}. */
        public Builder discardUnsafeFields(boolean discard) {
            discardUnsafeFields = discard;
            return this;
        }

        /** Sets {@link HttpSettings#chunkedTransform()}. */
        public Builder chunkedTransform(boolean accept) {
            chunkedTransform = accept;
            return this;
        }

        /** Sets {@link HttpSettings#serverVersion()}. */
        public Builder serverVersion(boolean show) {
            serverVersion = show;
            return this;
        }

        /** Sets {@link HttpSettings#logRoute()}. */
        public Builder logRoute(boolean log) {
            logRoute = log;
            return this;
        }

        /** Sets {@link HttpSettings#maxResponseHeadSize()}. */
        public Builder maxResponseHeadSize(int bytes) {
            maxResponseHeadSize = bytes;
            return this;
        }

        /** Sets {@link HttpSettings#webSocket()}. */
        public Builder webSocket(WebSocketSettings settings) {
            webSocket = settings;
            return this;
        }

        /** The settings. */
        public HttpSettings build() {
            return new HttpSettings(new Builder(this));
        }
    }
}
