// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfBoolean;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import io.margay.conf.ConfWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One certificate: an entry of the object {@code acme}, or what a listener describes by {@code {"acme": …}}.
 *
 * @param domains in lower case, at least one
 * @param directory of the authority, https
 * @param contact URLs
 * @param rsa whether the key is one of RSA, else of P-256
 * @param tls whether it is shown by handshakes that the domains are ours, else by answers over HTTP
 * @param external the account elsewhere to which that of the server is bound
 * @param authorities the name of a stored bundle that the directory is trusted by
 */
record AcmeOptions(List<String> domains, URI directory, List<String> contact, boolean rsa, boolean tls,
                   Optional<External> external, Optional<String> authorities) {

    /** The member of the configuration. */
    static final String SECTION = "acme";
    /** As many as Let's Encrypt takes. */
    static final int MOST_DOMAINS = 100;
    /** Letters of a domain in the name of its certificate. */
    private static final int MOST_SHOWN = 64;
    private static final int NAME_BYTES = 6;
    private static final int ACCOUNT_BYTES = 8;
    private static final String PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory";
    private static final Pattern NAME = Pattern.compile("[0-9A-Za-z_-][0-9A-Za-z._-]{0,127}");
    private static final Pattern DOMAIN = Pattern.compile(
        "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+");
    private static final Pattern CONTACT = Pattern.compile("[a-z][a-z0-9+.-]{0,20}:[!-~]{1,300}");
    private static final String TLS_ALPN = "tls-alpn-01";
    private static final Set<String> MEMBERS = Set.of("domains", "terms_of_service_agreed", "directory", "contact",
        "challenge", "key_type", "external_account", "ca");

    /**
     * An account elsewhere.
     *
     * @param keyId its name
     * @param key its secret, in Base64 for URLs
     */
    record External(String keyId, String key) {

        byte[] secret() {
            return Base64.getUrlDecoder().decode(key);
        }
    }

    /** What is wrong, and where in the configuration. */
    static final class Fault extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient ConfPointer place;

        Fault(ConfPointer place, String message) {
            super(message);
            this.place = place;
        }

        ConfPointer place() {
            return place;
        }
    }

    /** Keeps own lists. */
    AcmeOptions {
        domains = List.copyOf(domains);
        contact = List.copyOf(contact);
    }

    /** Whether a certificate may be stored under a name. */
    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** Whether something is the name of a host, in lower case. */
    static boolean isDomain(String text) {
        return DOMAIN.matcher(text).matches() && !ADDRESS.matcher(text).matches();
    }

    /** A text, or those of an array; nothing else. */
    static List<String> strings(Conf value) {
        return switch (value) {
            case ConfString text -> List.of(text.value());
            case ConfArray array -> array.elements().stream().filter(ConfString.class::isInstance)
                .map(text -> ((ConfString) text).value()).toList();
            default -> List.of();
        };
    }

    /**
     * Reads the section.
     *
     * @throws Fault if something is wrong
     */
    static Map<String, AcmeOptions> read(Conf section) throws Fault {
        ConfPointer at = ConfPointer.ROOT.child(SECTION);
        if (!(section instanceof ConfObject all)) {
            throw new Fault(at, "The \"acme\" value must be an object.");
        }
        Map<String, AcmeOptions> read = new LinkedHashMap<>();
        for (Map.Entry<String, Conf> member : all.members().entrySet()) {
            if (!isName(member.getKey())) {
                throw new Fault(at.child(member.getKey()),
                    "The name of a certificate has letters, digits, \"-\", \"_\" and \".\", at most 128.");
            }
            read.put(member.getKey(), read(at.child(member.getKey()), member.getValue()));
        }
        return read;
    }

    /**
     * Reads one certificate.
     *
     * @param at its place
     * @throws Fault if something is wrong
     */
    static AcmeOptions read(ConfPointer at, Conf value) throws Fault {
        if (!(value instanceof ConfObject one)) {
            throw new Fault(at, "A certificate must be an object.");
        }
        return new Reader(at, one).read();
    }

    /** The same without what makes no difference: the order of what is a set. */
    AcmeOptions canonical() {
        return new AcmeOptions(domains.stream().sorted().toList(), directory, contact.stream().sorted().toList(), rsa,
            tls, external, authorities);
    }

    /**
     * The name under which a certificate is stored that a listener describes: the same for the same options, another
     * for others, but for the secret of an account elsewhere, of which nothing is to be seen. The part behind the
     * domain is shorter than that of {@link #account}, so that the two are never the same.
     */
    String name() {
        AcmeOptions same = canonical();
        List<String> all = new ArrayList<>(List.of(directory.toString(), rsa ? "RSA" : "EC", tls ? "TLS" : "HTTP",
            external.map(External::keyId).orElse(""), authorities.orElse(""), Integer.toString(domains.size())));
        all.addAll(same.domains);
        all.addAll(same.contact);
        String first = same.domains.getFirst();
        return "acme-" + first.substring(0, Math.min(first.length(), MOST_SHOWN)) + '-' + digest(ConfWriter.compact(
            new ConfArray(all.stream().<Conf>map(Conf::of).toList())), NAME_BYTES);
    }

    /** The name under which the key of the account is stored: one for each authority and account elsewhere. */
    String account() {
        String who = directory + "\n" + external.map(External::keyId).orElse("");
        return "acme-account-" + digest(who.getBytes(StandardCharsets.UTF_8), ACCOUNT_BYTES);
    }

    private static String digest(byte[] text, int bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text), 0, bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads one certificate. */
    private record Reader(ConfPointer at, ConfObject one) {

        private Fault fault(String member, String message) {
            return new Fault(at.child(member), message);
        }

        AcmeOptions read() throws Fault {
            for (String member : one.members().keySet()) {
                if (!MEMBERS.contains(member)) {
                    throw fault(member, "Unknown parameter \"" + member + "\".");
                }
            }
            if (!one.get("terms_of_service_agreed").filter(ConfBoolean.TRUE::equals).isPresent()) {
                throw fault("terms_of_service_agreed", "The authority gives no certificate to who does not agree to "
                    + "its terms of service: \"terms_of_service_agreed\" must be true.");
            }
            return new AcmeOptions(domains(), directory(), contact(),
                word("key_type", List.of("P-256", "RSA-2048")).equals("RSA-2048"), challenge().equals(TLS_ALPN),
                external(), text("ca"));
        }

        private Optional<String> text(String member) throws Fault {
            Optional<Conf> value = one.get(member);
            if (value.isPresent() && !(value.get() instanceof ConfString)) {
                throw fault(member, "The \"" + member + "\" value must be a string.");
            }
            return value.map(text -> ((ConfString) text).value());
        }

        private String word(String member, List<String> words) throws Fault {
            String word = text(member).orElse(words.getFirst());
            if (!words.contains(word)) {
                throw fault(member, "The \"" + member + "\" value must be \"" + String.join("\" or \"", words)
                    + "\".");
            }
            return word;
        }

        private String challenge() throws Fault {
            return word("challenge", List.of("http-01", TLS_ALPN));
        }

        private List<String> domains() throws Fault {
            List<String> texts = texts("domains");
            if (texts.isEmpty() || texts.size() > MOST_DOMAINS) {
                throw fault("domains", "There must be 1 to " + MOST_DOMAINS + " domains.");
            }
            Set<String> domains = new LinkedHashSet<>();
            for (String text : texts) {
                String domain = text.toLowerCase(Locale.ROOT);
                if (domain.startsWith("*.")) {
                    throw fault("domains", "No certificate for \"" + text + "\" can be had by \"" + challenge()
                        + "\"; name the hosts.");
                }
                if (!isDomain(domain)) {
                    throw fault("domains", "\"" + text + "\" is not the name of a host in ASCII.");
                }
                domains.add(domain);
            }
            return List.copyOf(domains);
        }

        private List<String> contact() throws Fault {
            List<String> contact = texts("contact");
            for (String url : contact) {
                if (!CONTACT.matcher(url).matches() || !isUrl(url)) {
                    throw fault("contact", "\"" + url + "\" is not a URL such as \"mailto:admin@example.org\".");
                }
                // RFC 8555 §7.3: one person each, and no header fields.
                if (url.startsWith("mailto:") && (url.contains(",") || url.contains("?"))) {
                    throw fault("contact", "\"" + url + "\" must have one address and nothing else.");
                }
            }
            return contact;
        }

        private static boolean isUrl(String text) {
            try {
                return new URI(text).isAbsolute();
            } catch (URISyntaxException e) {
                return false;
            }
        }

        private List<String> texts(String member) throws Fault {
            Optional<Conf> value = one.get(member);
            if (value.isEmpty()) {
                return List.of();
            }
            List<String> texts = strings(value.get());
            int given = value.get() instanceof ConfArray array ? array.size() : 1;
            if (texts.size() != given) {
                throw fault(member, "The \"" + member + "\" value must be a string or an array of strings.");
            }
            return new ArrayList<>(texts);
        }

        private URI directory() throws Fault {
            String text = text("directory").orElse(PRODUCTION);
            try {
                URI url = new URI(text);
                if ("https".equalsIgnoreCase(url.getScheme()) && url.getHost() != null && url.getUserInfo() == null
                        && url.getFragment() == null) {
                    return url;
                }
            } catch (URISyntaxException e) {
                throw fault("directory", "The \"directory\" value is no URL: " + e.getReason() + ".");
            }
            throw fault("directory", "The \"directory\" value must be a URL that begins with \"https://\".");
        }

        private Optional<External> external() throws Fault {
            Optional<Conf> value = one.get("external_account");
            if (value.isEmpty()) {
                return Optional.empty();
            }
            if (!(value.get() instanceof ConfObject object) || object.string("key_id").isEmpty()
                    || object.string("key").isEmpty()) {
                throw fault("external_account", "The \"external_account\" object must have the \"key_id\" and \"key\" "
                    + "options set.");
            }
            External external = new External(object.string("key_id").get(), object.string("key").get());
            try {
                if (external.secret().length > 0) {
                    return Optional.of(external);
                }
            } catch (IllegalArgumentException e) {
                throw fault("external_account", "The \"key\" is not Base64 for URLs: " + e.getMessage() + ".");
            }
            throw fault("external_account", "The \"key\" is empty.");
        }
    }
}
