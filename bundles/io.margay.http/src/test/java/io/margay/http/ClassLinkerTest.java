// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

/** Loaders come to know what their classes mention in signatures only. */
class ClassLinkerTest {

    /** Passes on an object without looking at it. */
    static final class Passing {
        private final Source source = new Source();

        Object pass() {
            return source.get();
        }
    }

    /** Where it comes from. */
    static class Source {
        Passed get() {
            return new Passed();
        }
    }

    /** What is passed on. */
    static final class Passed {
    }

    /** Defines one class itself, as the loader of a bundle does, and leaves the others to its parent. */
    private static final class Own extends ClassLoader {
        Own() {
            super(ClassLinkerTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.equals(Passing.class.getName())) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }

        private Class<?> define(String name) {
            try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = file.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Whether this loader is known to lead to the class. */
        boolean knows(Class<?> type) {
            return findLoadedClass(type.getName()) == type;
        }
    }

    @Test
    void whatSignaturesMentionIsResolved() throws Exception {
        Own own = new Own();
        Class<?> hot = Class.forName(Passing.class.getName(), true, own);
        assertFalse(own.knows(Passed.class));
        ClassLinker.link(hot);
        assertTrue(own.knows(Passed.class));
        assertTrue(own.knows(Source.class));
    }

    @Test
    void classesOfTheJvmAreLeftAlone() {
        ClassLinker.link(String.class);
        ClassLinker.link(int[].class);
    }
}
