// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Lets the class loader of a hot class know every class that its code mentions, in signatures too. Where a bundle has a
 * loader of its own and passes on objects whose type it never resolved itself, the compiler of the JVM takes that type
 * for unknown, sets a trap, falls into it and compiles again, without end.
 */
public final class ClassLinker {
    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int STRING = 8;
    private static final int METHOD_HANDLE = 15;
    private static final int METHOD_TYPE = 16;
    private static final int MODULE = 19;
    private static final int PACKAGE = 20;

    private ClassLinker() {
    }

    /** Links a class, its nested classes and its superclasses that have a loader of their own; any thread. */
    public static void link(Class<?> hot) {
        for (Class<?> type = hot; type != null && type.getClassLoader() != null; type = type.getSuperclass()) {
            linkOne(type);
            for (Class<?> nested : type.getDeclaredClasses()) {
                linkOne(nested);
            }
        }
    }

    private static void linkOne(Class<?> type) {
        String name = type.getName();
        try (InputStream file = type.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
            if (file != null) {
                constants(new DataInputStream(new ByteArrayInputStream(file.readAllBytes())), type.getClassLoader());
            }
        } catch (IOException e) {
            // The class works without; it is only compiled more often.
            return;
        }
    }

    /** Resolves what the constant pool of a class file mentions. */
    private static void constants(DataInputStream in, ClassLoader loader) throws IOException {
        in.skipNBytes(8);
        int count = in.readUnsignedShort();
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case UTF8 -> mentioned(in.readUTF(), loader);
                case LONG, DOUBLE -> {
                    in.skipNBytes(8);
                    i++;
                }
                case CLASS, STRING, METHOD_TYPE, MODULE, PACKAGE -> in.skipNBytes(2);
                case METHOD_HANDLE -> in.skipNBytes(3);
                default -> in.skipNBytes(4);
            }
        }
    }

    /** Resolves the classes of a descriptor, or the one whose name the text may be. */
    private static void mentioned(String text, ClassLoader loader) {
        boolean descriptor = text.startsWith("(") || text.startsWith("L") || text.startsWith("[");
        if (!descriptor || text.indexOf(';') < 0) {
            if (text.indexOf('/') > 0 && text.indexOf(' ') < 0 && text.indexOf(';') < 0) {
                resolve(text, loader);
            }
            return;
        }
        for (int start = text.indexOf('L'); start >= 0; start = text.indexOf('L', start)) {
            int end = text.indexOf(';', start);
            if (end < 0) {
                return;
            }
            resolve(text.substring(start + 1, end), loader);
            start = end;
        }
    }

    private static void resolve(String name, ClassLoader loader) {
        try {
            Class.forName(name.replace('/', '.'), false, loader);
        } catch (ClassNotFoundException | LinkageError e) {
            // A text that is no class, or an optional one that is not there.
            return;
        }
    }
}
