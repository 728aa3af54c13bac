// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import io.margay.schema.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds all problems of a configuration by a validation that tells the first one only: what is wrong is taken out, and
 * the rest is validated again. What is wrong only because of that is not told.
 */
final class ConfigCheck {
    /** More than anybody reads at once. */
    static final int MOST = 200;
    private static final String UNKNOWN = "Unknown parameter \"";
    private static final ConfObject ANSWER = ConfObject.builder().put("return", 404).build();

    /** Tells the first problem. */
    interface Validator {
        /** {@return the first problem, empty when there is none} */
        Optional<Problem> problem(Conf configuration) throws ToolException;
    }

    private final Validator validator;
    private final List<CheckFinding> found = new ArrayList<>();
    private final List<List<String>> removed = new ArrayList<>();

    ConfigCheck(Validator validator) {
        this.validator = validator;
    }

    /** {@return all problems in the order of validation, at most {@link #MOST}} */
    List<CheckFinding> problems(Conf configuration) throws ToolException {
        Conf rest = configuration;
        // Each step takes out something, or what holds that.
        for (int step = 0; step < 8 * MOST && found.size() < MOST; step++) {
            Optional<Problem> problem = validator.problem(rest);
            if (problem.isEmpty()) {
                return found;
            }
            List<String> place = place(problem.get(), rest);
            if (!follows(problem.get().path().segments(), place, rest)) {
                found.add(finding(problem.get()));
            }
            if (place.isEmpty()) {
                return found;
            }
            rest = without(rest, place);
        }
        return found;
    }

    private static CheckFinding finding(Problem problem) {
        String detail = problem.detail();
        boolean missing = detail.startsWith("No installed bundle supports ")
            || detail.startsWith("The module to run ");
        String advice = problem.suggestion().orElse("");
        if (detail.startsWith(UNKNOWN) && !advice.isEmpty()) {
            advice = "Did you mean \"" + advice + "\"?";
        } else if (missing && advice.isEmpty()) {
            advice = "Put the bundle of this language into the modules directory, and install its interpreter.";
        }
        return new CheckFinding(missing ? CheckFinding.Kind.INSTALL : CheckFinding.Kind.REFUSED, problem.path(),
            detail, advice);
    }

    /** Where to take out something: an unknown member, else the value that is wrong. */
    private static List<String> place(Problem problem, Conf rest) {
        List<String> place = problem.path().segments();
        String detail = problem.detail();
        if (detail.startsWith(UNKNOWN) && detail.endsWith("\".")) {
            String name = detail.substring(UNKNOWN.length(), detail.length() - 2);
            List<String> member = new ArrayList<>(place);
            member.add(name);
            if (ConfEdit.get(rest, member).isPresent()) {
                return member;
            }
        }
        return place;
    }

    /** Whether a problem is there only because something was taken out. */
    private boolean follows(List<String> path, List<String> place, Conf rest) {
        if (path.equals(place) && removed.stream().anyMatch(one -> below(one, path))) {
            return true;
        }
        Optional<Conf> value = ConfEdit.get(rest, path);
        String last = path.isEmpty() ? "" : path.getLast();
        if (value.isEmpty() || !(value.get() instanceof ConfString text)
            || !last.equals("pass") && !last.equals("application")) {
            return false;
        }
        List<String> words = List.of((last.equals("pass") ? text.value() : "applications/" + text.value()).split("/"));
        return removed.stream().anyMatch(one -> one.size() <= words.size() && words.subList(0, one.size()).equals(one)
            || below(one, words));
    }

    private static boolean below(List<String> path, List<String> above) {
        return path.size() >= above.size() && path.subList(0, above.size()).equals(above);
    }

    /** Other places keep their pointers: a step of a route is replaced, of other arrays nothing is left. */
    private Conf without(Conf rest, List<String> place) {
        removed.add(place);
        List<String> above = place.subList(0, place.size() - 1);
        String last = place.getLast();
        boolean element = ConfEdit.get(rest, above).filter(ConfArray.class::isInstance).isPresent();
        if (element && place.getFirst().equals("routes") && place.size() <= 3) {
            return changed(ConfEdit.put(rest, place, ConfObject.EMPTY.with("action", ANSWER)), rest);
        }
        if (element) {
            return without(rest, above);
        }
        if (last.equals("action") || last.equals("fallback")) {
            return changed(ConfEdit.put(rest, place, ANSWER), rest);
        }
        return changed(ConfEdit.delete(rest, place), rest);
    }

    private static Conf changed(ConfEdit.Result result, Conf before) {
        // What cannot be taken out alone hides all the rest.
        return result.outcome() == ConfEdit.Outcome.DONE ? result.root()
            : before instanceof ConfObject ? ConfObject.EMPTY : before;
    }

    /** {@return the parts of a configuration about which there is nothing to say} */
    static List<ConfPointer> same(Conf configuration, List<CheckFinding> findings) {
        List<ConfPointer> parts = new ArrayList<>();
        if (configuration instanceof ConfObject root) {
            root.members().forEach((name, value) -> parts(ConfPointer.ROOT.child(name), value, parts));
        }
        parts.removeIf(part -> findings.stream().map(one -> one.path().segments())
            .anyMatch(path -> below(path, part.segments()) || below(part.segments(), path)));
        return parts;
    }

    private static void parts(ConfPointer at, Conf value, List<ConfPointer> parts) {
        String section = at.segments().getFirst();
        if (value instanceof ConfArray steps && section.equals("routes")) {
            for (int i = 0; i < steps.size(); i++) {
                parts.add(at.child(i));
            }
        } else if (value instanceof ConfObject object && at.segments().size() == 1 && !section.equals("access_log")) {
            object.members().forEach((name, member) -> {
                if (section.equals("routes")) {
                    parts(at.child(name), member, parts);
                } else {
                    parts.add(at.child(name));
                }
            });
        } else {
            parts.add(at);
        }
    }
}
