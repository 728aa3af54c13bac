// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.posix.Address;
import io.margay.posix.AddressPattern;
import io.margay.posix.HostPort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The tests that data alone cannot express, by the names that schema files use. */
final class Checks {
    private static final int THREADS_EACH = 8;

    private Checks() {
    }

    /** The checks that a schema names: one string, an array of strings, or nothing. */
    static List<Rule> named(Optional<Conf> names) {
        List<Rule> rules = new ArrayList<>();
        if (names.isPresent()) {
            for (String name : ValueRules.strings(names.get())) {
                rules.add(rule(name));
            }
        }
        return rules;
    }

    private static Rule rule(String name) {
        return switch (name) {
            case "listen-address" -> Checks::listenAddress;
            case "server-address" -> at -> require(isServer(at.name()), at,
                "The \"" + at.name() + "\" is not valid server address.");
            case "proxy-address" -> Checks::proxyAddress;
            case "name-server" -> at -> require(!at.text().startsWith("*") && Address.tryParse(at.text())
                .filter(found -> !(found instanceof Address.Unix)).isPresent(), at,
                "The name server \"" + at.text() + "\" must be ADDRESS:PORT.");
            case "address-pattern" -> at -> {
                Optional<String> problem = AddressPattern.problem(
                    at.text().startsWith("!") ? at.text().substring(1) : at.text());
                require(problem.isEmpty(), at, problem.orElse(""));
            };
            case "listener-target" -> at -> require(at.object().has("pass") || at.object().has("application"), at,
                "The \"" + at.name() + "\" listener must have either \"pass\" or \"application\" option set.");
            case "listen-threads" -> Checks::listenThreads;
            case "pass" -> PassChecks::pass;
            case "application" -> PassChecks::application;
            case "certificate" -> at -> {
                stored(at);
                require(at.run().facts().key(at.text()), at, "Certificate \"" + at.text()
                    + "\" has no private key; it is a bundle of authorities.");
            };
            case "authorities" -> Checks::stored;
            case "script-module" -> at -> require(at.run().facts().script(at.text()), at,
                "JS module \"" + at.text() + "\" is not found.");
            case "prefix" -> at -> require(at.text().startsWith("/"), at,
                "The \"prefix\" must be a string beginning with \"/\".");
            case "rootfs" -> PathChecks::rootfs;
            case "cgroup-path" -> PathChecks::cgroup;
            case "spare-within-max" -> Checks::spareWithinMax;
            case "distinct-extensions" -> Checks::distinctExtensions;
            default -> TextChecks.rule(name).orElseThrow(() -> new SchemaException("unknown check \"" + name + "\""));
        };
    }

    private static void stored(Subject at) throws Invalid {
        require(at.run().facts().certificate(at.text()), at, "Certificate \"" + at.text() + "\" is not found.");
    }

    private static boolean isSocket(String text) {
        return Address.tryParse(text).isPresent();
    }

    /** Where to connect: an address, or a name that is looked up later. */
    private static boolean isServer(String text) {
        return isSocket(text) || HostPort.tryParse(text).isPresent();
    }

    private static void listenAddress(Subject at) throws Invalid {
        String detail = at.name().startsWith("unix:") && at.name().indexOf('\0') >= 0
            ? "The \"" + at.name() + "\" value must not contain null character."
            : "The listener address \"" + at.name() + "\" is invalid.";
        require(isSocket(at.name()), at, detail);
    }

    /** More threads than the machine can run cost descriptors and serve nobody. */
    private static void listenThreads(Subject at) throws Invalid {
        int most = at.run().facts().processors() * THREADS_EACH;
        require(((ConfNumber) at.value()).doubleValue() <= most, at, "The \"" + at.name() + "\" number must not exceed "
            + most + " on this machine, " + THREADS_EACH + " for each of its processors.");
    }

    static void require(boolean good, Subject at, String detail) throws Invalid {
        if (!good) {
            throw at.invalid(detail);
        }
    }

    private static void proxyAddress(Subject at) throws Invalid {
        String address = at.text().replaceFirst("^(https?|fastcgi)://", "");
        require(address.length() < at.text().length() && isServer(address), at,
            "The \"proxy\" address is invalid \"" + address + "\"");
    }

    private static void spareWithinMax(Subject at) throws Invalid {
        ConfObject processes = at.object();
        require(processes.integer("spare", 0) <= processes.integer("max", 1), at,
            "The \"spare\" number must be less than or equal to \"max\".");
    }

    /** Each file extension may stand once, in any case, in the whole map of types. */
    private static void distinctExtensions(Subject at) throws Invalid {
        Map<String, String> types = new HashMap<>();
        for (Map.Entry<String, Conf> member : at.object().members().entrySet()) {
            Subject type = at.member(member.getKey(), member.getValue());
            if (member.getValue() instanceof ConfArray array) {
                for (int i = 0; i < array.size(); i++) {
                    declare(types, type.element(i, array.elements().get(i)));
                }
            } else {
                declare(types, type);
            }
        }
    }

    private static void declare(Map<String, String> types, Subject at) throws Invalid {
        String extension = at.value() instanceof ConfString text ? text.value() : "";
        String other = types.putIfAbsent(extension.toLowerCase(Locale.ROOT), at.name());
        require(other == null, at, "The \"" + extension + "\" file extension has been declared for \"" + other
            + "\" and \"" + at.name() + "\" MIME types at the same time.");
    }
}
