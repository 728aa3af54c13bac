// SPDX-License-Identifier: Apache-2.0
package io.margay.template.script;

import io.margay.conf.ConfPointer;
import io.margay.conf.ConfText;
import io.margay.http.Exchange;
import io.margay.route.RouteException;
import io.margay.route.TemplateException;
import io.margay.route.TemplateLanguage;
import io.margay.script.CompiledScript;
import io.margay.script.ScriptEngine;
import io.margay.script.ScriptException;
import io.margay.script.ScriptSource;
import io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** The scripts of one configuration: its modules, and what compiles its templates. */
final class ScriptSection implements TemplateLanguage {
    private final List<String> names;
    private final ScriptEngine engine;
    private final ScriptSource source;
    private final LoopRealms realms;
    private final ConfPointer at;
    /** Set on the control thread before the first request comes. */
    private Map<String, CompiledScript> modules = Map.of();

    ScriptSection(List<String> names, ScriptEngine engine, ScriptSource source, LoopRealms realms, ConfPointer at) {
        this.names = List.copyOf(names);
        this.engine = engine;
        this.source = source;
        this.realms = realms;
        this.at = at;
    }

    @Override
    public Script compile(String text) {
        try {
            return new Value(engine.template(text), text.contains("vars"));
        } catch (ScriptException e) {
            throw new TemplateException(e.getMessage());
        }
    }

    /** Fetches and compiles the modules, one after the other. */
    @Override
    public CompletionStage<Void> start() {
        Map<String, CompiledScript> loaded = new HashMap<>();
        CompletionStage<Void> all = CompletableFuture.completedStage(null);
        for (String name : names) {
            all = all.thenCompose(before -> source.load(name)).handle((content, failure) -> {
                if (failure != null) {
                    throw failed(name, failure);
                }
                try {
                    loaded.put(name, engine.module(name, ConfText.decode(content)));
                } catch (ScriptException e) {
                    throw failed(name, e);
                }
                return null;
            });
        }
        return all.thenRun(() -> modules = Map.copyOf(loaded));
    }

    private RouteException failed(String name, Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause()
            : failure;
        return cause instanceof RouteException told ? told
            : new RouteException(at, "JS module \"" + name + "\": " + cause.getMessage());
    }

    @Override
    public void close() {
        // Realms are those of all configurations, and hold nothing of this one.
    }

    /** One template. */
    private final class Value implements Script {
        private final CompiledScript script;
        private final boolean readsResponse;

        Value(CompiledScript script, boolean readsResponse) {
            this.script = script;
            this.readsResponse = readsResponse;
        }

        @Override
        public AsciiString evaluate(Exchange exchange) {
            LoopRealms.Own own = realms.own();
            try {
                String value = own.realm().run(script, modules, new ScriptedRequest(exchange, own));
                return new AsciiString(ConfText.encode(value), false);
            } catch (ScriptException e) {
                throw new TemplateException(e.getMessage());
            }
        }

        @Override
        public boolean readsResponse() {
            return readsResponse;
        }
    }
}
