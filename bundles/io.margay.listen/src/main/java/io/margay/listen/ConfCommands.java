// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.netty.internal.tcnative.SSL;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Commands of OpenSSL's configuration files ({@code SSL_CONF_cmd(3)}), as far as BoringSSL can do what they say. What
 * it cannot is refused by name, not passed over: a server must not be weaker than its configuration.
 */
final class ConfCommands {
    private static final List<String> PROTOCOLS = List.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");
    private static final Set<String> TLS_13_SUITES = Set.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256");
    /** Names of OpenSSL for groups that BoringSSL calls otherwise. */
    private static final Map<String, String> GROUPS = Map.of("prime256v1", "P-256", "secp256r1", "P-256",
        "secp384r1", "P-384", "secp521r1", "P-521", "x25519", "X25519");
    /** Options that the library obeys whether told to or not. */
    private static final Set<String> ALWAYS = Set.of("NoRenegotiation", "NoResumptionOnRenegotiation", "DHSingle",
        "ECDHSingle", "MiddleboxCompat", "ExtendedMasterSecret", "AntiReplay");
    /** Options that the library has not. */
    private static final Set<String> NEVER = Set.of("Compression", "UnsafeLegacyRenegotiation",
        "UnsafeLegacyServerConnect", "ClientRenegotiation", "EncryptThenMac", "AllowNoDHEKEX", "EmptyFragments", "KTLS",
        "PrioritizeChaCha");
    /** Commands that options of a listener stand for. */
    private static final Map<String, String> OPTIONS = Map.of("certificate", "certificate", "privatekey", "certificate",
        "verifymode", "client/verify", "clientcafile", "client/ca", "clientcapath", "client/ca", "requestcafile",
        "client/ca", "verifycafile", "client/ca", "verifycapath", "client/ca", "chaincafile", "certificate",
        "chaincapath", "certificate");
    private static final Set<String> UNSUPPORTED = Set.of("signaturealgorithms", "clientsignaturealgorithms",
        "dhparameters", "recordpadding", "numtickets", "serverinfofile");

    /** Something to do to a connection before its handshake. */
    @FunctionalInterface
    private interface Step {
        /** Returns whether the library takes it. */
        boolean apply(long connection) throws Exception;
    }

    private record Command(String name, String value, Step step) {
    }

    private final List<Command> commands = new ArrayList<>();
    private final Set<String> disabled = new TreeSet<>();
    private int lowest = PROTOCOLS.indexOf("TLSv1.2");
    private int highest = PROTOCOLS.size() - 1;

    /**
     * Reads commands in their order.
     *
     * @throws TlsException when one is unknown, cannot be obeyed or has a bad value; the text is that of Unit
     */
    ConfCommands(Map<String, String> told) {
        told.forEach(this::read);
        if (protocols().length == 0) {
            throw new TlsException("\"conf_commands\" option leaves no protocol");
        }
    }

    private void read(String name, String value) {
        switch (name.toLowerCase(Locale.ROOT)) {
            case "minprotocol" -> lowest = value.equals("None") ? 0 : protocol(name, value);
            case "maxprotocol" -> highest = value.equals("None") ? PROTOCOLS.size() - 1 : protocol(name, value);
            case "protocol" -> list(name, value, this::protocols);
            case "options" -> list(name, value, this::option);
            case "cipherstring" -> commands.add(new Command(name, value,
                connection -> SSL.setCipherSuites(connection, value, false)));
            case "ciphersuites" -> suites(name, value);
            case "curves", "groups" -> commands.add(new Command(name, value,
                connection -> SSL.setCurvesList(connection, groups(value))));
            case "ecdhparameters" -> {
                if (!Set.of("Automatic", "+Automatic").contains(value)) {
                    read("Groups", value);
                }
            }
            default -> throw unknown(name);
        }
    }

    private static TlsException unknown(String name) {
        String option = OPTIONS.get(name.toLowerCase(Locale.ROOT));
        if (option != null) {
            return new TlsException("command \"" + name + "\" in \"conf_commands\" option is not obeyed: the option \""
                + "tls/" + option + "\" is there for it");
        }
        return new TlsException(UNSUPPORTED.contains(name.toLowerCase(Locale.ROOT))
            ? "command \"" + name + "\" in \"conf_commands\" option is not supported by the TLS library"
            : "unknown command \"" + name + "\" in \"conf_commands\" option");
    }

    /** Takes an element of a list, without its sign; returns whether it is known. */
    @FunctionalInterface
    private interface Element {
        boolean take(String command, String list, String element, boolean on);
    }

    private static void list(String name, String value, Element element) {
        for (String part : value.split(",", -1)) {
            String word = part.strip();
            boolean signed = word.startsWith("+") || word.startsWith("-");
            if (!element.take(name, value, signed ? word.substring(1) : word, !word.startsWith("-"))) {
                throw invalid(name, value);
            }
        }
    }

    private int protocol(String name, String value) {
        int index = PROTOCOLS.indexOf(value);
        if (index < 0) {
            throw invalid(name, value);
        }
        return index;
    }

    private boolean protocols(String name, String list, String word, boolean on) {
        List<String> meant = word.equals("ALL") ? PROTOCOLS : List.of(word);
        if (on) {
            meant.forEach(disabled::remove);
        } else {
            disabled.addAll(meant);
        }
        // Older ones are off for good.
        return word.equals("ALL") || PROTOCOLS.contains(word) || Set.of("SSLv2", "SSLv3").contains(word) && !on;
    }

    private boolean option(String name, String list, String word, boolean on) {
        switch (word) {
            case "ServerPreference" -> flag(name, list, SSL.SSL_OP_CIPHER_SERVER_PREFERENCE, on);
            case "SessionTicket" -> flag(name, list, SSL.SSL_OP_NO_TICKET, !on);
            default -> {
                // The library cannot be told, so it must be what it does anyway.
                return on ? ALWAYS.contains(word) : NEVER.contains(word);
            }
        }
        return true;
    }

    private void flag(String name, String value, int flag, boolean on) {
        commands.add(new Command(name, value, connection -> {
            if (on) {
                SSL.setOptions(connection, flag);
            } else {
                SSL.clearOptions(connection, flag);
            }
            return true;
        }));
    }

    /** Those of TLS 1.3 are all on, in an order of the library's own. */
    private static void suites(String name, String value) {
        if (!Set.of(value.split(":")).equals(TLS_13_SUITES)) {
            throw new TlsException("invalid value \"" + value + "\" for command \"" + name
                + "\" in \"conf_commands\" option: the TLS library always offers " + String.join(":",
                    new TreeSet<>(TLS_13_SUITES)));
        }
    }

    private static String[] groups(String value) {
        String[] names = value.split(":");
        for (int i = 0; i < names.length; i++) {
            names[i] = GROUPS.getOrDefault(names[i].toLowerCase(Locale.ROOT), names[i]);
        }
        return names;
    }

    /** The protocols that are left, as the JDK calls them. */
    String[] protocols() {
        return PROTOCOLS.subList(Math.min(lowest, highest + 1), highest + 1).stream()
            .filter(protocol -> !disabled.contains(protocol)).toArray(String[]::new);
    }

    /** Whether each connection is to be told something, since Netty keeps the address of its context to itself. */
    boolean isEmpty() {
        return commands.isEmpty();
    }

    /** Does what is to be done to a new connection, by its address in the library. */
    void apply(long connection) {
        for (Command command : commands) {
            try {
                if (!command.step().apply(connection)) {
                    throw invalid(command.name(), command.value());
                }
            } catch (TlsException e) {
                throw e;
            } catch (Exception e) {
                throw new TlsException(invalid(command.name(), command.value()).getMessage() + ": " + e.getMessage(),
                    e);
            }
        }
    }

    private static TlsException invalid(String name, String value) {
        return new TlsException("invalid value \"" + value + "\" for command \"" + name
            + "\" in \"conf_commands\" option");
    }
}
