// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import io.margay.log.Complaints;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.OptionObject;
import io.margay.route.PlanContext;
import io.margay.route.RouteCompiler;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The option {@code auth_basic}: names and passwords (RFC 7617). */
@Component(service = FilterFactory.class)
public final class BasicFactory implements FilterFactory {
    private static final String OPTION = "auth_basic";
    /** Behind limits, which keep those off who try passwords. */
    private static final int ORDER = 410;
    private static final Set<String> MEMBERS = Set.of("realm", "users", "file", "user_header", "hide_credentials");
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(2);

    private final AuthWorkers workers;

    /** Creates the service. */
    @Activate
    public BasicFactory(@Reference AuthWorkers workers) {
        this.workers = workers;
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
        if (options.get("users").isPresent() == options.get("file").isPresent()) {
            throw options.error("", "The \"auth_basic\" object must have either \"users\" or \"file\" option set.");
        }
        Optional<AsciiString> header = options.text("user_header").map(name ->
            Injected.name(name, options.at(), "user_header"));
        Challenge challenge = Challenge.of(options, "Basic", ", charset=\"UTF-8\"");
        Source<Users> users = options.text("file").map(path -> file(path, options)).orElseGet(() ->
            Source.fixed(inline(options.get("users").orElseThrow(), options.at()), compiler.log()));
        return new BasicFilter(users, challenge, header, options.flag("hide_credentials", false), workers,
            new Complaints(text -> compiler.log().error("auth_basic: " + text)));
    }

    private Source<Users> file(String path, OptionObject options) {
        try {
            SmallFile<Users> file = new SmallFile<>(path, Users::parse);
            return new Source<>("auth_basic: the file of users", file.load(), INTERVAL, file, workers.files(),
                options.at().log());
        } catch (IOException e) {
            throw options.error("file", "The file of users cannot be read: " + e.getMessage() + ".");
        }
    }

    private static Users inline(Conf value, PlanContext at) {
        if (!(value instanceof ConfObject object) || object.isEmpty()) {
            throw at.error("users", "The \"users\" value must be an object that is not empty.");
        }
        Map<AsciiString, Password> users = new LinkedHashMap<>();
        PlanContext here = at.child("users");
        for (Map.Entry<String, Conf> user : object.members().entrySet()) {
            AsciiString name = new AsciiString(ConfText.encode(user.getKey()), false);
            if (name.isEmpty() || name.indexOf(":") >= 0 || !Injected.isValue(name)) {
                throw here.error(user.getKey(), "A name must be a text without colons and control characters.");
            }
            if (!(user.getValue() instanceof ConfString hash)) {
                throw here.error(user.getKey(), "The hash of a password must be a string.");
            }
            try {
                users.put(name, Password.of(hash.value()));
            } catch (IllegalArgumentException e) {
                throw here.error(user.getKey(), "The password of \"" + user.getKey() + "\" " + e.getMessage() + ".");
            }
        }
        return new Users(users);
    }
}
