// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.ArrayList;
import java.util.List;

/** Reads the JSON dialect of the configuration ({@code spec/configuration.md §1}). */
public final class ConfParser {

    /** Objects and arrays may stand this deep inside each other. */
    public static final int MAX_DEPTH = 100;
    /** Members of one object, elements of one array. */
    public static final int MAX_ELEMENTS = 100_000;

    private static final String END = "Unexpected end of JSON payload.  There's ";
    private static final String OPEN_OBJECT = END + "an object without a closing brace (}).";
    private static final String OPEN_MEMBER = END + "an object member without a value.";
    private static final String OPEN_ARRAY = END + "an array without a closing bracket (]).";
    private static final String VALUE = "A valid JSON value is expected here.  It must be either a literal (null, "
        + "true, or false), a number, a string (in double quotes \"\"), an array (with brackets []), or an object "
        + "(with braces {}).";
    private static final String SIZE = "The JSON value is too large for the memory of this process.";
    private static final String DEPTH = "JSON nesting exceeds the maximum supported depth.";

    /** Bytes of memory that a value takes beside its text, a little more than on a 64-bit virtual machine. */
    private static final int SCALAR = 64;
    private static final int CONTAINER = 72;
    private static final int ENTRY = 16;
    private static final int NAME = 48;

    private final byte[] in;
    private final Cursor at;
    private final StringReader strings;
    private final NumberReader numbers;

    private long memory;

    private ConfParser(byte[] in, int start, long memory) {
        this.memory = memory;
        this.in = in;
        this.at = new Cursor(in, start);
        this.strings = new StringReader(at);
        this.numbers = new NumberReader(at, VALUE);
    }

    /**
     * Reads one value that fills the whole text; a leading byte order mark is skipped. A tree takes up to twenty times
     * the memory of its text; here it may take an eighth of the heap, so that the old one, the new one and their texts
     * fit.
     *
     * @param text the bytes; not altered
     * @throws ConfSyntaxException when the text is not such a value
     */
    public static Conf parse(byte[] text) throws ConfSyntaxException {
        return parse(text, Runtime.getRuntime().maxMemory() / 8);
    }

    /**
     * The same with a bound for the memory that the value may take.
     *
     * @param memory in bytes
     */
    public static Conf parse(byte[] text, long memory) throws ConfSyntaxException {
        boolean mark = text.length >= 3 && text[0] == (byte) 0xEF && text[1] == (byte) 0xBB && text[2] == (byte) 0xBF;
        return new ConfParser(text, mark ? 3 : 0, memory).document();
    }

    private Conf document() throws ConfSyntaxException {
        at.skipSpace();
        if (at.ended()) {
            at.position = at.start;
            throw at.error("An empty JSON payload isn't allowed.  It must be either a literal (null, true, or false), "
                + "a number, a string (in double quotes \"\"), an array (with brackets []), or an object "
                + "(with braces {}).");
        }
        Conf value = value(0);
        at.skipSpace();
        if (!at.ended()) {
            throw at.error("Unexpected character after the end of a valid JSON value.");
        }
        return value;
    }

    private Conf value(int depth) throws ConfSyntaxException {
        return switch (at.current()) {
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case '"' -> string();
            case 't' -> literal("true", ConfBoolean.TRUE);
            case 'f' -> literal("false", ConfBoolean.FALSE);
            case 'n' -> literal("null", ConfNull.NULL);
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> throw at.error(VALUE);
        };
    }

    private Conf string() throws ConfSyntaxException {
        int from = at.position;
        String text = strings.read();
        take(SCALAR + at.position - from);
        return new ConfString(text);
    }

    private Conf number() throws ConfSyntaxException {
        int from = at.position;
        ConfNumber number = numbers.read();
        take(SCALAR + at.position - from);
        return number;
    }

    private void take(long bytes) throws ConfSyntaxException {
        memory -= bytes;
        if (memory < 0) {
            throw at.error(SIZE);
        }
    }

    private Conf literal(String word, Conf value) throws ConfSyntaxException {
        for (int i = 0; i < word.length(); i++) {
            if (at.position + i >= in.length || in[at.position + i] != word.charAt(i)) {
                throw at.error(VALUE);
            }
        }
        at.position += word.length();
        return value;
    }

    private Conf object(int depth) throws ConfSyntaxException {
        if (depth > MAX_DEPTH) {
            throw at.error(DEPTH);
        }
        take(CONTAINER);
        Members.Collector members = new Members.Collector(4);
        do {
            at.position++;
            expectMore(OPEN_OBJECT);
            if (at.current() == '}') {
                break;
            }
            if (at.current() != '"') {
                throw at.error("A double quote (\") is expected here.  There must be a valid JSON object member starts "
                    + "with a name, which is a string enclosed in double quotes.");
            }
            if (members.size() == MAX_ELEMENTS) {
                throw at.error("JSON object has too many members.");
            }
            member(members, depth);
            expectMore(OPEN_OBJECT);
            if (at.current() != ',' && at.current() != '}') {
                throw at.error("Either a closing brace (}) or a comma (,) is expected here.  Each JSON object must be "
                    + "enclosed in braces and its members must be separated by commas.");
            }
        } while (at.current() == ',');
        at.position++;
        return members.size() == 0 ? ConfObject.EMPTY : new ConfObject(members.members());
    }

    private void member(Members.Collector members, int depth) throws ConfSyntaxException {
        int quote = at.position;
        String name = strings.name();
        take(members.size() < Members.MANY ? ENTRY : ENTRY + NAME + at.position - quote);
        if (members.has(name)) {
            at.position = quote;
            throw at.error("Duplicate object member.  All JSON object members must have unique names.");
        }
        expectMore(OPEN_MEMBER);
        if (at.current() != ':') {
            throw at.error("A colon (:) is expected here.  There must be a colon after a JSON member name.");
        }
        at.position++;
        expectMore(OPEN_MEMBER);
        members.add(name, value(depth));
    }

    private Conf array(int depth) throws ConfSyntaxException {
        if (depth > MAX_DEPTH) {
            throw at.error(DEPTH);
        }
        take(CONTAINER);
        List<Conf> elements = new ArrayList<>();
        do {
            at.position++;
            expectMore(OPEN_ARRAY);
            if (at.current() == ']') {
                break;
            }
            if (elements.size() == MAX_ELEMENTS) {
                throw at.error("JSON array has too many elements.");
            }
            take(ENTRY);
            elements.add(value(depth));
            expectMore(OPEN_ARRAY);
            if (at.current() != ',' && at.current() != ']') {
                throw at.error("Either a closing bracket (]) or a comma (,) is expected here.  Each array must be "
                    + "enclosed in brackets and its elements must be separated by commas.");
            }
        } while (at.current() == ',');
        at.position++;
        return elements.isEmpty() ? ConfArray.EMPTY : new ConfArray(elements);
    }

    private void expectMore(String detail) throws ConfSyntaxException {
        at.skipSpace();
        if (at.ended()) {
            throw at.error(detail);
        }
    }
}
