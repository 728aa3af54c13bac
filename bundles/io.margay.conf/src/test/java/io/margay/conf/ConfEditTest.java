// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfEditTest {
    private static final String TREE = "{\"o\":{\"x\":1,\"y\":2},\"a\":[1,[2],3],\"s\":\"t\",\"n\":5}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "PUT|``|9|DONE", "PUT|/o/x|{'o':{'x':9,'y':2},'a':[1,[2],3],'s':'t','n':5}|DONE",
        "PUT|/o/z|{'o':{'x':1,'y':2,'z':9},'a':[1,[2],3],'s':'t','n':5}|DONE",
        "PUT|/a/00|{'o':{'x':1,'y':2},'a':[9,[2],3],'s':'t','n':5}|DONE",
        "PUT|/a/3|{'o':{'x':1,'y':2},'a':[1,[2],3,9],'s':'t','n':5}|DONE",
        "PUT|/a/1/0|{'o':{'x':1,'y':2},'a':[1,[9],3],'s':'t','n':5}|DONE",
        "PUT|/a/4||NOT_FOUND", "PUT|/a/x||NOT_FOUND", "PUT|/a/-1||NOT_FOUND", "PUT|/a/2147483648||NOT_FOUND",
        "PUT|/q/z||NOT_FOUND", "PUT|/s/x||NOT_FOUND", "PUT|/n/0||NOT_FOUND", "PUT|/s/x/y||NOT_FOUND",
        "POST|/a|{'o':{'x':1,'y':2},'a':[1,[2],3,9],'s':'t','n':5}|DONE",
        "POST|/a/1|{'o':{'x':1,'y':2},'a':[1,[2,9],3],'s':'t','n':5}|DONE",
        "POST|/o||NOT_ALLOWED", "POST|/s||NOT_ALLOWED", "POST|/q||NOT_FOUND", "POST|/a/3||NOT_FOUND",
        "POST|``||NOT_ALLOWED", "POST|/s/x||NOT_FOUND",
        "DELETE|``|{}|DONE", "DELETE|/a/0|{'o':{'x':1,'y':2},'a':[[2],3],'s':'t','n':5}|DONE",
        "DELETE|/o/x|{'o':{'y':2},'a':[1,[2],3],'s':'t','n':5}|DONE", "DELETE|/o|{'a':[1,[2],3],'s':'t','n':5}|DONE",
        "DELETE|/a/3||NOT_FOUND", "DELETE|/q||NOT_FOUND", "DELETE|/s/0||NOT_FOUND", "DELETE|/q/r||NOT_FOUND"})
    void editsFollowThePath(String kind, String path, String expected, ConfEdit.Outcome outcome) throws Exception {
        Conf root = ConfParserTest.parse(TREE);
        List<String> segments = ConfPointer.parse(path).segments();
        ConfEdit.Result result = switch (kind) {
            case "PUT" -> ConfEdit.put(root, segments, Conf.of(9));
            case "POST" -> ConfEdit.post(root, segments, Conf.of(9));
            default -> ConfEdit.delete(root, segments);
        };
        assertEquals(outcome, result.outcome());
        String text = outcome == ConfEdit.Outcome.DONE ? expected.replace('\'', '"') : TREE;
        assertEquals(text, ConfWriter.compactText(result.root()));
        assertEquals(TREE, ConfWriter.compactText(root));
    }

    @Test
    void anEditCannotMakeWhatTheParserRefuses() throws Exception {
        Conf deep = ConfParserTest.parse("[".repeat(60) + "]".repeat(60));
        List<String> path = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            path.add("0");
        }
        Conf value = ConfParserTest.parse("[".repeat(60) + "]".repeat(60));
        assertEquals(ConfEdit.Outcome.DONE, ConfEdit.put(deep, path, value).outcome());
        assertEquals(ConfEdit.Outcome.TOO_DEEP, ConfEdit.post(deep, path, value).outcome());
        List<Conf> many = new ArrayList<>();
        for (int i = 0; i < ConfParser.MAX_ELEMENTS; i++) {
            many.add(ConfNull.NULL);
        }
        assertEquals(ConfEdit.Outcome.TOO_LARGE,
            ConfEdit.post(new ConfArray(many), List.of(), ConfNull.NULL).outcome());
    }

    @Test
    void pointersEscape() throws Exception {
        ConfPointer pointer = ConfPointer.ROOT.child("a/b").child("~1").child(3);
        assertEquals("/a~1b/~01/3", pointer.toString());
        assertEquals(pointer, ConfPointer.parse(pointer.toString()));
        assertEquals(Conf.of(2), ConfPointer.parse("/a/1/0").resolve(ConfParserTest.parse(TREE)).orElseThrow());
        assertThrows(IllegalArgumentException.class, () -> ConfPointer.parse("a"));
        assertThrows(IllegalArgumentException.class, () -> ConfPointer.parse("/~2"));
    }
}
