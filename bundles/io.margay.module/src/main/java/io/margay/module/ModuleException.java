// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** An extension bundle cannot be used; the message says why, in one line. */
public final class ModuleException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What kind of problem it is, for those who answer an order. */
    public enum Kind {
        /** The bundle, or what was asked for, is wrong. */
        INVALID,
        /** There is no module of this name. */
        MISSING,
        /** It is in use. */
        USED,
        /** Somebody else has changed it meanwhile, or it is held where it is. */
        CONFLICT,
        /** It can be tried again later. */
        BUSY,
        /** The server could not do it. */
        FAILED
    }

    private final Kind kind;

    /** Says why. */
    public ModuleException(String message) {
        this(Kind.INVALID, message);
    }

    /** Says why, and what kind of problem it is. */
    public ModuleException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** Says why, and what the reason was. */
    public ModuleException(String message, Throwable cause) {
        super(message, cause);
        this.kind = Kind.INVALID;
    }

    /** A failure as its reason. */
    static ModuleException of(Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause()
            : failure;
        return cause instanceof ModuleException known ? known
            : new ModuleException(ModuleBundles.reason(cause), cause);
    }

    /** Completes a result with what has come of it. */
    static <T> void pass(T value, Throwable failure, CompletableFuture<T> result) {
        if (failure == null) {
            result.complete(value);
        } else {
            result.completeExceptionally(of(failure));
        }
    }

    /** What kind of problem it is. */
    public Kind kind() {
        return kind;
    }
}
