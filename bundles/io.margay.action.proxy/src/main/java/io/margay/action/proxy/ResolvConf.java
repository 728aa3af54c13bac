// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What resolv.conf(5) says: whom to ask for names, and how.
 *
 * @param servers in the order in which they are asked; at least one
 * @param search what is put behind names
 * @param ndots names with so many dots are asked for as they are first
 * @param timeout seconds that one server has
 * @param attempts how often all of them are asked
 * @param rotate whether questions begin with another server each
 */
record ResolvConf(List<InetSocketAddress> servers, List<String> search, int ndots, int timeout, int attempts,
    boolean rotate) {
    private static final int PORT = 53;
    private static final int MOST_SERVERS = 8;
    /** The bounds of resolv.conf(5). */
    private static final int MOST_DOTS = 15;
    private static final int LONGEST = 30;
    private static final int MOST_ATTEMPTS = 5;
    private static final int USUAL_TIMEOUT = 5;
    private static final int USUAL_ATTEMPTS = 2;

    /** Of servers that a configuration names; names are asked for as they are. */
    static ResolvConf of(List<InetSocketAddress> servers) {
        return new ResolvConf(servers, List.of(), 1, USUAL_TIMEOUT, USUAL_ATTEMPTS, false);
    }

    /** Reads the lines of the file; what nobody understands is skipped, as resolvers do. */
    static ResolvConf read(List<String> lines) {
        List<InetSocketAddress> servers = new ArrayList<>();
        List<String> search = List.of();
        int ndots = 1;
        int timeout = USUAL_TIMEOUT;
        int attempts = USUAL_ATTEMPTS;
        boolean rotate = false;
        for (String line : lines) {
            String[] words = line.strip().split("\\s+");
            List<String> values = Arrays.asList(words).subList(1, words.length);
            switch (words[0]) {
                case "nameserver" -> values.stream().limit(servers.size() < MOST_SERVERS ? 1 : 0)
                    .forEach(value -> server(value, servers));
                case "domain" -> search = domains(values.subList(0, Math.min(1, values.size())));
                case "search" -> search = domains(values);
                case "options" -> {
                    for (String option : values) {
                        ndots = number(option, "ndots:", 0, MOST_DOTS, ndots);
                        timeout = number(option, "timeout:", 1, LONGEST, timeout);
                        attempts = number(option, "attempts:", 1, MOST_ATTEMPTS, attempts);
                        rotate |= option.equals("rotate");
                    }
                }
                default -> {
                    // Comments, and what other resolvers read.
                }
            }
        }
        if (servers.isEmpty()) {
            servers.add(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), PORT));
        }
        return new ResolvConf(List.copyOf(servers), search, ndots, timeout, attempts, rotate);
    }

    private static void server(String text, List<InetSocketAddress> into) {
        if (NetUtil.isValidIpV4Address(text) || NetUtil.isValidIpV6Address(text)) {
            try {
                // An address, perhaps with the interface behind it: nothing is looked up.
                into.add(new InetSocketAddress(InetAddress.getByName(text), PORT));
            } catch (UnknownHostException e) {
                // Of an interface that is not there: it cannot be asked.
                return;
            }
        }
    }

    private static List<String> domains(List<String> values) {
        return values.stream().filter(value -> !value.equals(".")).toList();
    }

    private static int number(String option, String name, int least, int most, int otherwise) {
        String value = option.startsWith(name) ? option.substring(name.length()) : "";
        return value.matches("[0-9]{1,6}") ? Math.clamp(Integer.parseInt(value), least, most) : otherwise;
    }
}
