// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Who may do what, beyond what the mode of the socket file says. Rules only ever allow: somebody whom a rule names by
 * user or group may do what the rules for him allow and nothing else, everybody else what {@code default} says. The
 * superuser and the server's own user may do everything.
 *
 * @param isActive false when everybody who can connect may do everything
 * @param isOpen whether those whom no rule names may do everything
 * @param self the server's own user, unsigned
 * @param rules in no particular order
 */
public record AccessPolicy(boolean isActive, boolean isOpen, long self, List<Rule> rules) {

    /** Everybody who can connect may do everything. */
    public static final AccessPolicy NONE = new AccessPolicy(false, true, 0, List.of());

    /** Whom a rule concerns. */
    public enum Who {
        /** Everybody, without naming anybody. */
        ANY,
        /** The user of the application that a request is about. */
        OWNER,
        /** Those of a user or group. */
        NAMED
    }

    /**
     * One rule.
     *
     * @param who whom it concerns
     * @param uid the user, when it names one
     * @param gid the group, primary or not, when it names one
     * @param methods that it allows; empty means all
     * @param paths below which it allows them, decoded segment by segment
     */
    public record Rule(Who who, OptionalLong uid, OptionalLong gid, Set<String> methods, List<List<String>> paths) {

        /** Copies the collections. */
        public Rule {
            methods = Set.copyOf(methods);
            paths = List.copyOf(paths);
        }

        boolean names(ControlPeer peer) {
            return who == Who.NAMED && peer instanceof ControlPeer.Local local
                && (uid.isEmpty() || uid.getAsLong() == Integer.toUnsignedLong(local.uid()))
                && (gid.isEmpty() || gid.getAsLong() == Integer.toUnsignedLong(local.gid())
                || local.groups().stream().anyMatch(group -> gid.getAsLong() == Integer.toUnsignedLong(group)));
        }

        boolean allows(String method, List<String> path) {
            return (methods.isEmpty() || methods.contains(method)) && paths.stream().anyMatch(prefix ->
                prefix.size() <= path.size() && prefix.equals(path.subList(0, prefix.size())));
        }
    }

    /** Copies the list. */
    public AccessPolicy {
        rules = List.copyOf(rules);
    }

    /**
     * Reads what main has made of the policy file: {@code default}, {@code self}, {@code rules} with {@code who},
     * {@code uid}, {@code gid}, {@code methods}, {@code paths}.
     *
     * @throws IllegalArgumentException when it is something else
     */
    public static AccessPolicy of(ConfObject policy) {
        List<Rule> rules = policy.array("rules").orElse(ConfArray.EMPTY).elements().stream().map(rule ->
            rule((ConfObject) rule)).toList();
        return new AccessPolicy(true, policy.string("default").orElseThrow().equals("allow"),
            policy.integer("self", -1), rules);
    }

    private static Rule rule(ConfObject rule) {
        Who who = switch (rule.string("who").orElse("")) {
            case "any" -> Who.ANY;
            case "owner" -> Who.OWNER;
            default -> Who.NAMED;
        };
        return new Rule(who, id(rule, "uid"), id(rule, "gid"), new HashSet<>(texts(rule, "methods")),
            texts(rule, "paths").stream().map(AccessPolicy::path).toList());
    }

    private static OptionalLong id(ConfObject rule, String name) {
        return rule.get(name).orElse(ConfObject.EMPTY) instanceof ConfNumber number
            ? OptionalLong.of(number.longValue()) : OptionalLong.empty();
    }

    private static List<String> texts(ConfObject rule, String name) {
        return rule.array(name).orElse(ConfArray.EMPTY).elements().stream().map(AccessPolicy::text).toList();
    }

    private static String text(Conf value) {
        return ((ConfString) value).value();
    }

    private static List<String> path(String text) {
        return ControlPath.parse(text).map(AccessPolicy::segments).orElseThrow(() ->
            new IllegalArgumentException("\"" + text + "\" is no path"));
    }

    /** The segments of a path as rules know them. */
    public static List<String> segments(ControlPath path) {
        return path.segments().stream().map(ControlPath::decodeFully).toList();
    }

    /** Whether the peer may do everything. */
    public boolean exempts(ControlPeer peer) {
        return !isActive || peer instanceof ControlPeer.Local local
            && (local.uid() == 0 || Integer.toUnsignedLong(local.uid()) == self);
    }

    /** Whether the peer may do this, owner of the application in question or not. */
    public boolean allows(ControlPeer peer, String method, List<String> path, boolean owner) {
        if (exempts(peer)) {
            return true;
        }
        boolean named = false;
        for (Rule rule : rules) {
            boolean concerned = rule.who() == Who.ANY || rule.who() == Who.OWNER && owner || rule.names(peer);
            if (concerned && rule.allows(method, path)) {
                return true;
            }
            named |= rule.names(peer);
        }
        return isOpen && !named;
    }

    /** Whether it matters who the owner of an application is. */
    public boolean asksForOwners() {
        return rules.stream().anyMatch(rule -> rule.who() == Who.OWNER);
    }
}
