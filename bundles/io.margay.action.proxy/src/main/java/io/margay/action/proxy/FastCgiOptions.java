// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import io.margay.route.PlanContext;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How FastCGI servers find the scripts of requests.
 *
 * @param root the directory of the scripts, as the servers see it, without a slash at the end
 * @param script what all requests are for, from the root on; that of the path if empty
 * @param index what is for paths that end with a slash
 * @param splits ends of the names of scripts, behind which the path goes on
 * @param params variables that are others, or more
 */
record FastCgiOptions(AsciiString root, AsciiString script, AsciiString index, List<AsciiString> splits,
    List<Param> params) {
    private static final String OPTION = "fastcgi";

    /**
     * A variable.
     *
     * @param name in upper case
     * @param value what it is; without one it is left out
     */
    record Param(AsciiString name, Optional<Template> value) {
    }

    static Optional<FastCgiOptions> read(ConfObject conf, PlanContext at) {
        return conf.object(OPTION).map(options -> of(options, at.child(OPTION).child("params")));
    }

    private static FastCgiOptions of(ConfObject conf, PlanContext params) {
        String root = conf.string("root").orElse("/");
        List<AsciiString> splits = conf.get("split_path").map(FastCgiOptions::texts).orElse(List.of(text(".php")));
        List<Param> all = new ArrayList<>();
        conf.object("params").orElse(ConfObject.EMPTY).members().forEach((name, value) ->
            all.add(new Param(text(name), template(name, value, params))));
        return new FastCgiOptions(text(root.endsWith("/") ? root.substring(0, root.length() - 1) : root),
            conf.string("script").map(name -> text(name.startsWith("/") ? name : "/" + name))
                .orElse(AsciiString.EMPTY_STRING),
            text(conf.string("index").orElse("index.php")), splits, List.copyOf(all));
    }

    private static Optional<Template> template(String name, Conf value, PlanContext params) {
        return value instanceof ConfNull ? Optional.empty()
            : Optional.of(params.template(name, ((ConfString) value).value()));
    }

    private static List<AsciiString> texts(Conf value) {
        return value instanceof ConfArray array
            ? array.elements().stream().map(each -> text(((ConfString) each).value())).toList()
            : List.of(text(((ConfString) value).value()));
    }

    private static AsciiString text(String text) {
        return new AsciiString(ConfText.encode(text), false);
    }
}
