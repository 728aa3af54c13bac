// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.certificate.CertificateSource;
import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.log.Complaints;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.OptionObject;
import io.margay.route.PlanContext;
import io.margay.route.RouteCompiler;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The option {@code auth_jwt}: signed tokens (RFC 7519, RFC 6750, RFC 8725). */
@Component(service = FilterFactory.class)
public final class JwtFactory implements FilterFactory {
    private static final String OPTION = "auth_jwt";
    private static final int ORDER = 420;
    private static final Set<String> MEMBERS = Set.of("keys", "keys_file", "keys_url", "tls", "algorithms", "issuer",
        "audience", "leeway", "require_exp", "token", "headers", "realm");
    private static final List<String> KEYS = List.of("keys", "keys_file", "keys_url");
    private static final long LEEWAY = 30;
    private static final long MOST_LEEWAY = 600;
    private static final long FILE_INTERVAL = TimeUnit.SECONDS.toNanos(2);
    private static final long URL_INTERVAL = TimeUnit.MINUTES.toNanos(10);

    private final AuthWorkers workers;
    private final CertificateSource certificates;

    /** Creates the service. */
    @Activate
    public JwtFactory(@Reference AuthWorkers workers, @Reference CertificateSource certificates) {
        this.workers = workers;
        this.certificates = certificates;
    }

    @Override
    public String option() {
        return OPTION;
    }

    @Override
    public int order() {
        return ORDER;
    }

    @Override
    public Filter compile(Conf value, RouteCompiler compiler) {
        OptionObject options = OptionObject.of(OPTION, value, MEMBERS, compiler.child(OPTION));
        if (KEYS.stream().filter(name -> options.get(name).isPresent()).count() != 1) {
            throw options.error("", "The \"auth_jwt\" object must have just one of \"keys\", \"keys_file\" or "
                + "\"keys_url\" options set.");
        }
        List<Algorithm> algorithms = algorithms(options);
        ClaimRules rules = new ClaimRules(options.texts("issuer").orElse(List.of()),
            options.texts("audience").orElse(List.of()), options.integer("leeway", 0, MOST_LEEWAY).orElse(LEEWAY),
            !options.flag("require_exp", true), headers(options));
        Optional<Template> token = options.text("token").map(text -> options.at().template("token", text));
        return new JwtFilter(keys(options), algorithms, rules, token, Challenge.of(options, "Bearer", ""),
            Challenge.of(options, "Bearer", ", error=\"invalid_token\""), workers,
            new Complaints(text -> compiler.log().error("auth_jwt: " + text)));
    }

    private static List<Algorithm> algorithms(OptionObject options) {
        Optional<List<String>> names = options.texts("algorithms");
        if (names.isEmpty()) {
            return Algorithm.open();
        }
        List<Algorithm> all = new ArrayList<>();
        for (String name : names.get()) {
            Algorithm algorithm = Algorithm.of(name).orElseThrow(() -> options.element("algorithms",
                all.size(), "The algorithm \"" + name + "\" is not known."));
            if (!all.isEmpty() && all.getFirst().isSecret() != algorithm.isSecret()) {
                throw options.element("algorithms", all.size(), "Algorithms with secret keys and others must not be "
                    + "mixed.");
            }
            all.add(algorithm);
        }
        if (all.isEmpty()) {
            throw options.error("algorithms", "The \"algorithms\" must not be empty.");
        }
        return all;
    }

    private static Map<AsciiString, String> headers(OptionObject options) {
        Map<AsciiString, String> headers = new LinkedHashMap<>();
        Optional<Conf> value = options.get("headers");
        if (value.isPresent() && !(value.get() instanceof ConfObject)) {
            throw options.error("headers", "The \"headers\" value must be an object.");
        }
        PlanContext here = options.at().child("headers");
        value.map(ConfObject.class::cast).orElse(ConfObject.EMPTY).members().forEach((name, claim) -> {
            if (!(claim instanceof ConfString text) || text.value().isEmpty()) {
                throw here.error(name, "The claim of a header must be a string that is not empty.");
            }
            headers.put(Injected.name(name, here, name), text.value());
        });
        return headers;
    }

    private Source<TokenKeys> keys(OptionObject options) {
        Optional<String> ca = authorities(options);
        if (options.get("keys").isPresent()) {
            try {
                return Source.fixed(TokenKeys.of(options.get("keys").get()), options.at().log());
            } catch (IllegalArgumentException e) {
                throw options.error("keys", "The set of keys is invalid: " + e.getMessage() + ".");
            }
        }
        String name = "auth_jwt: the set of keys";
        Optional<String> path = options.text("keys_file");
        if (path.isEmpty()) {
            return new Source<>(name, Optional.empty(), URL_INTERVAL,
                new KeyServer(url(options), ca.map(bundle -> new Authorities(bundle, certificates.trust(bundle)))),
                workers.servers(), options.at().log());
        }
        try {
            SmallFile<TokenKeys> file = new SmallFile<>(path.get(), TokenKeys::parse);
            return new Source<>(name, file.load(), FILE_INTERVAL, file, workers.files(), options.at().log());
        } catch (IOException e) {
            throw options.error("keys_file", "The set of keys cannot be read: " + e.getMessage() + ".");
        }
    }

    /** The name of the stored bundle that the server of the keys is verified by. */
    private static Optional<String> authorities(OptionObject options) {
        Optional<Conf> tls = options.get("tls");
        if (tls.isEmpty()) {
            return Optional.empty();
        }
        if (options.get("keys_url").isEmpty()) {
            throw options.error("tls", "The \"tls\" option is only of use beside the \"keys_url\" option.");
        }
        if (tls.get() instanceof ConfObject object && object.get("ca").orElse(Conf.of("")) instanceof ConfString name
                && !name.value().isEmpty()) {
            return Optional.of(name.value());
        }
        throw options.error("tls", "The \"tls\" value must be an object with the name of a certificate as \"ca\".");
    }

    private static URI url(OptionObject options) {
        String text = options.text("keys_url").orElseThrow();
        try {
            URI url = new URI(text);
            boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (http && url.getHost() != null && url.getUserInfo() == null && url.getPort() != 0
                    && url.getPort() < 1 << Character.SIZE) {
                return url;
            }
        } catch (URISyntaxException e) {
            throw options.error("keys_url", "The \"keys_url\" is not a valid URL: " + e.getReason() + ".");
        }
        throw options.error("keys_url", "The \"keys_url\" must be a URL with \"http://\" or \"https://\" and a host.");
    }
}
