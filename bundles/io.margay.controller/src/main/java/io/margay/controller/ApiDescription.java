// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.schema.Facts;
import io.margay.schema.JsonSchema;
import io.margay.schema.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code /control/openapi.json}: the control API as OpenAPI 3.1, with the options that the installed bundles and
 * languages have. It is made when somebody asks, and kept until options or languages change. On the loop's thread only.
 */
@Component
public final class ApiDescription implements ControlResource {
    private static final String SKELETON = "/OSGI-INF/margay-api/openapi.json";
    private static final String SCHEMAS = "#/components/schemas/";
    private static final String PLACE = "/config/{path}";
    private static final List<String> JSON = List.of("content", "application/json", "schema");

    private final ConfigPlane plane;
    private Optional<Made> made = Optional.empty();

    /** A description and what it was made of. */
    private record Made(Schema schema, Set<String> languages, ControlReply reply) {
    }

    /** Inert until it is asked. */
    @Activate
    public ApiDescription(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/control/openapi.json";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        return CompletableFuture.completedFuture(request.place().segments().size() == 2 ? reply()
            : ControlReply.missing());
    }

    private ControlReply reply() {
        ControlParts parts = plane.opened().parts();
        Schema schema = parts.schema().get();
        Set<String> languages = languages(parts, schema);
        if (made.isEmpty() || made.get().schema() != schema || !made.get().languages().equals(languages)) {
            // Compact: it is for programs, and several times longer in the form of other replies.
            made = Optional.of(new Made(schema, languages,
                new ControlReply(200, ConfWriter.compact(document(schema, parts.facts())))));
        }
        return made.get().reply();
    }

    /** What the document depends on besides the schema: languages and readers that are there. */
    private static Set<String> languages(ControlParts parts, Schema schema) {
        ConfObject variants = schema.types().object("application").flatMap(type -> type.object("variants"))
            .orElse(ConfObject.EMPTY);
        Set<String> there = new TreeSet<>(variants.members().keySet());
        there.removeIf(language -> !parts.facts().modules().has(language));
        schema.options().stream().flatMap(option -> option.reader().stream()).filter(parts.facts()::reads)
            .forEach(there::add);
        return there;
    }

    /** The whole document. */
    static ConfObject document(Schema schema, Facts facts) {
        ConfObject skeleton = skeleton();
        ConfObject components = skeleton.object("components").orElseThrow();
        ConfObject.Builder schemas = ConfObject.builder();
        JsonSchema.of(schema, facts, SCHEMAS).members().forEach(schemas::put);
        // Where an option's type has the name of a reply, the reply is meant by all references of the skeleton.
        components.object("schemas").orElseThrow().members().forEach(schemas::put);
        ConfObject made = schemas.build();
        return skeleton.with("paths", paths(skeleton.object("paths").orElseThrow(), made))
            .with("components", components.with("schemas", made));
    }

    private static ConfObject skeleton() {
        try (InputStream in = ApiDescription.class.getResourceAsStream(SKELETON)) {
            return (ConfObject) ConfParser.parse(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ConfSyntaxException e) {
            throw new IllegalStateException(SKELETON + ": " + e.detail(), e);
        }
    }

    /** Members of the configuration, and those of maps in it, get resources of their own, with their types. */
    private static ConfObject paths(ConfObject paths, ConfObject schemas) {
        ConfObject.Builder all = ConfObject.builder();
        ConfObject members = schemas.object("configuration").flatMap(whole -> whole.object("properties"))
            .orElse(ConfObject.EMPTY);
        ConfObject place = paths.object(PLACE).orElseThrow();
        paths.members().forEach((path, item) -> {
            if (path.equals(PLACE)) {
                members.members().forEach((name, member) -> {
                    String schema = SCHEMAS + "configuration/properties/" + name;
                    all.put("/config/" + name, typed(place.without("parameters"), schema, name, types(member)));
                    if (((ConfObject) member).object("additionalProperties").isPresent()) {
                        ConfObject named = (ConfObject) ConfEdit.put(place, List.of("parameters", "0", "$ref"),
                            Conf.of("#/components/parameters/name")).root();
                        all.put("/config/" + name + "/{name}", typed(named, schema + "/additionalProperties",
                            name + "Member", List.of()));
                    }
                });
            }
            all.put(path, item);
        });
        return all.build();
    }

    private static List<String> types(Conf member) {
        return ((ConfObject) member).array("type").map(types -> types.elements().stream()
            .map(type -> ConfWriter.compactText(type).replace("\"", "")).toList()).orElse(List.of());
    }

    private static ConfObject typed(ConfObject item, String schema, String name, List<String> types) {
        ConfObject.Builder operations = ConfObject.builder();
        Conf ref = ConfObject.builder().put("$ref", schema).build();
        item.members().forEach((method, value) -> {
            if (method.equals("post") && !types.contains("array")) {
                return;
            }
            Conf operation = value;
            if (value instanceof ConfObject told && told.has("operationId")) {
                operation = told.with("operationId", Conf.of(method + "Value-" + name));
                List<String> where = method.equals("get") ? List.of("responses", "200") : List.of("requestBody");
                // An array takes elements, whose type is another one.
                if (ConfEdit.get(told, where).isPresent() && !method.equals("post")) {
                    operation = ConfEdit.put(operation, join(where), ref).root();
                }
            }
            operations.put(method, operation);
        });
        return operations.build();
    }

    private static List<String> join(List<String> where) {
        List<String> all = new ArrayList<>(where);
        all.addAll(JSON);
        return all;
    }
}
