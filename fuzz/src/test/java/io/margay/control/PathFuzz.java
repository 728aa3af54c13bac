// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfText;
import io.margay.conf.ConfWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Any request target leads somewhere or nowhere, and edits along it do what they say and nothing else. */
public final class PathFuzz {
    private static final Conf TREE = parse("""
        {"a": {"b": [1, [2, {"c": "d"}], {}], "": {"": 5}, "%": 1, "/": [{}], "é": null}, "b": [[[[]]]],
         "routes": [{"match": {"uri": "/x"}, "action": {"return": 200}}], "1": {"0": []}, "..": 1, ".": {"a": 2}}""");
    private static final byte[] BEFORE = ConfWriter.compact(TREE);
    private static final String[] PIECES = {"/", "a", "b", "0", "1", "00", "%2F", "%25", "%2e", "..", ".", "%c3%a9",
        "%",
        "routes", "match", "uri", "2147483648", "-1", "+1", "?x=/a", "#", "%00", "config", "c", "2", "%2f%2F", "3"};

    private PathFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        StringBuilder target = new StringBuilder("/");
        while (data.remainingBytes() > 4 && target.length() < 4_000) {
            target.append(data.consumeBoolean() ? data.pickValue(PIECES)
                : ConfText.decode(data.consumeBytes(data.consumeInt(0, 8))));
        }
        Optional<ControlPath> path = ControlPath.parse(target.toString());
        if (path.isEmpty()) {
            return;
        }
        for (String segment : path.get().segments()) {
            check(!segment.isEmpty() && !segment.equals(".") && !segment.equals("..") && segment.indexOf('/') < 0,
                "a segment that is none: " + segment);
        }
        if (!path.get().segments().isEmpty()) {
            path.get().names().ifPresent(names -> edits(names));
        }
    }

    private static void edits(List<String> names) {
        for (String name : names) {
            check(ConfText.encode(name).length <= 256, "a long name");
        }
        check(ConfPointer.parse(ConfPointer.of(names).toString()).segments().equals(names), "the pointer differs");
        Optional<Conf> found = ConfEdit.get(TREE, names);
        ConfEdit.Result put = ConfEdit.put(TREE, names, Conf.of(7));
        if (put.outcome() == ConfEdit.Outcome.DONE) {
            check(ConfEdit.get(put.root(), names).equals(Optional.of(Conf.of(7))), "PUT is not found");
        } else {
            check(found.isEmpty() && put.root() == TREE, "PUT of what is there");
        }
        ConfEdit.Result post = ConfEdit.post(TREE, names, Conf.of(7));
        if (post.outcome() == ConfEdit.Outcome.DONE) {
            List<Conf> elements = ((ConfArray) ConfEdit.get(post.root(), names).orElseThrow()).elements();
            check(elements.getLast().equals(Conf.of(7)), "POST is not last");
        } else {
            check((post.outcome() == ConfEdit.Outcome.NOT_FOUND) == found.isEmpty(), "POST " + post.outcome());
        }
        ConfEdit.Result deleted = ConfEdit.delete(TREE, names);
        check((deleted.outcome() == ConfEdit.Outcome.DONE) == found.isPresent(), "DELETE " + deleted.outcome());
        if (!names.isEmpty() && deleted.outcome() == ConfEdit.Outcome.DONE) {
            List<String> above = names.subList(0, names.size() - 1);
            check(size(deleted.root(), above) == size(TREE, above) - 1, "DELETE of another number than one");
        }
        check(Arrays.equals(BEFORE, ConfWriter.compact(TREE)), "the tree was altered");
    }

    private static int size(Conf root, List<String> at) {
        Conf container = ConfEdit.get(root, at).orElseThrow();
        return container instanceof ConfObject object ? object.size() : ((ConfArray) container).size();
    }

    private static void check(boolean good, String text) {
        if (!good) {
            throw new IllegalStateException(text);
        }
    }

    private static Conf parse(String text) {
        try {
            return ConfParser.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
