// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import io.margay.credential.AccountException;
import io.margay.credential.Accounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * Checks the rules of who may use the control API, and replaces names by numbers, since the controller has no name
 * service. The form of the file is told in the README of the controller's bundle.
 */
final class ControlPolicy {

    /** A rule that cannot be kept; carries no stack since it is an answer. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(ConfPointer place, String text) {
            super((place.segments().isEmpty() ? "" : "at " + place + ": ") + text, null, false, false);
        }
    }

    private static final long MAX_ID = 0xFFFF_FFFEL;
    private static final int MAX_RULES = 1000;
    private static final int MAX_PATH = 1024;
    private static final Set<String> METHODS = Set.of("GET", "PUT", "POST", "DELETE");
    private static final Set<String> MEMBERS = Set.of("default", "rules", "modules");
    private static final Set<String> RULE = Set.of("who", "user", "group", "methods", "paths");
    /** No segment is empty or leads elsewhere. */
    private static final String PATH = "/|(/(?!(\\.|%2[eE]){1,2}(/|$))([^/?#%\\p{Cntrl}]|%[0-9A-Fa-f]{2})+)+";
    private static final String OWNED = "/control/applications(/.*)?";

    private final Accounts accounts;

    ControlPolicy(Accounts accounts) {
        this.accounts = accounts;
    }

    /**
     * Checks a policy.
     *
     * @param self the server's own user
     * @return the same for the controller
     */
    ConfObject resolve(Conf policy, long self) throws Refused {
        ConfPointer root = ConfPointer.ROOT;
        ConfObject object = object(root, policy, MEMBERS);
        String fallback = object.string("default").orElse("");
        if (!fallback.equals("allow") && !fallback.equals("deny")) {
            throw new Refused(root.child("default"), "must be \"allow\" or \"deny\"");
        }
        List<Conf> rules = new ArrayList<>();
        if (object.has("rules") || !object.has("modules")) {
            for (Conf rule : array(root.child("rules"), object.get("rules"), MAX_RULES)) {
                rules.add(rule(root.child("rules").child(rules.size()), rule));
            }
        }
        return ConfObject.builder().put("default", fallback).put("self", self).put("rules", new ConfArray(rules))
            .build();
    }

    private ConfObject rule(ConfPointer place, Conf value) throws Refused {
        ConfObject rule = object(place, value, RULE);
        ConfObject.Builder out = ConfObject.builder();
        Optional<Conf> who = rule.get("who");
        boolean named = rule.has("user") || rule.has("group");
        if (who.isPresent() == named) {
            throw new Refused(place, "must have either \"who\", or \"user\", \"group\" or both");
        }
        if (who.isPresent()) {
            String word = rule.string("who").orElse("");
            if (!word.equals("any") && !word.equals("owner")) {
                throw new Refused(place.child("who"), "must be \"any\" or \"owner\"");
            }
            out.put("who", word);
        }
        if (rule.has("user")) {
            out.put("uid", id(place.child("user"), rule.get("user").get(), "user", accounts::uid));
        }
        if (rule.has("group")) {
            out.put("gid", id(place.child("group"), rule.get("group").get(), "group", accounts::gid));
        }
        out.put("methods", methods(place.child("methods"), rule.get("methods")));
        List<Conf> paths = new ArrayList<>();
        for (Conf path : array(place.child("paths"), rule.get("paths"), MAX_RULES)) {
            paths.add(path(place.child("paths").child(paths.size()), path, rule.string("who").orElse("")));
        }
        return out.put("paths", new ConfArray(paths)).build();
    }

    private static long id(ConfPointer place, Conf value, String kind, Function<String, OptionalInt> names)
            throws Refused {
        if (value instanceof ConfNumber number && number.isInteger() && number.longValue() >= 0
            && number.longValue() <= MAX_ID) {
            return number.longValue();
        }
        if (!(value instanceof ConfString name) || name.value().isEmpty() || name.value().indexOf('\0') >= 0) {
            throw new Refused(place, "must be the name or the number of a " + kind);
        }
        try {
            OptionalInt id = names.apply(name.value());
            if (id.isPresent()) {
                return Integer.toUnsignedLong(id.getAsInt());
            }
        } catch (AccountException e) {
            throw new Refused(place, e.getMessage());
        }
        throw new Refused(place, "there is no " + kind + " \"" + name.value() + "\"");
    }

    /** All of them are written as none, which no file can say by mistake. */
    private static ConfArray methods(ConfPointer place, Optional<Conf> value) throws Refused {
        List<Conf> methods = array(place, value, METHODS.size());
        if (methods.equals(List.of(Conf.of("*")))) {
            return ConfArray.EMPTY;
        }
        for (int i = 0; i < methods.size(); i++) {
            if (!(methods.get(i) instanceof ConfString method) || !METHODS.contains(method.value())) {
                throw new Refused(place.child(i), "must be \"GET\", \"PUT\", \"POST\" or \"DELETE\"; [\"*\"] is all");
            }
        }
        return new ConfArray(methods);
    }

    /** What an application is made of says under which user it runs, so its owner may not write that. */
    private static Conf path(ConfPointer place, Conf value, String who) throws Refused {
        if (!(value instanceof ConfString path) || path.value().length() > MAX_PATH || !path.value().matches(PATH)) {
            throw new Refused(place, "must be a path such as \"/config/routes\", without a slash at its end");
        }
        if (who.equals("owner") && !path.value().matches(OWNED)) {
            throw new Refused(place, "must begin with \"/control/applications\" in a rule for owners");
        }
        return path;
    }

    static ConfObject object(ConfPointer place, Conf value, Set<String> known) throws Refused {
        if (!(value instanceof ConfObject object)) {
            throw new Refused(place, "must be an object");
        }
        for (String name : object.members().keySet()) {
            if (!known.contains(name)) {
                throw new Refused(place.child(name), "is no known member");
            }
        }
        return object;
    }

    static List<Conf> array(ConfPointer place, Optional<Conf> value, int most) throws Refused {
        if (!(value.orElse(ConfObject.EMPTY) instanceof ConfArray array) || array.isEmpty() || array.size() > most) {
            throw new Refused(place, "must be an array of 1 to " + most + " elements");
        }
        return array.elements();
    }
}
