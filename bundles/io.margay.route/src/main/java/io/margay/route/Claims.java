// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which parts of a configuration somebody reads: a tree of member names, {@code *} for any. Nothing is accepted and
 * ignored: what is not claimed is refused.
 */
final class Claims {
    private static final String ANY = "*";
    private static final List<String> ROUTE = List.of("/routes", "/listeners/*/pass", "/listeners/*/application");

    private final Map<String, Claims> below = new HashMap<>();
    private boolean whole;

    /** Claims what route itself reads. */
    Claims() {
        ROUTE.forEach(this::add);
        SettingsReader.NAMES.forEach(name -> add("/settings/http/" + name));
    }

    private Claims(boolean whole) {
        this.whole = whole;
    }

    /** Claims a part with all that is below. */
    void add(String pointer) {
        Claims at = this;
        for (String segment : ConfPointer.parse(pointer).segments()) {
            at = at.below.computeIfAbsent(segment, name -> new Claims(false));
        }
        at.whole = true;
    }

    /** Whether the part, what is above and what is below are claimed by nobody. */
    boolean free(String pointer) {
        Claims at = this;
        for (String segment : ConfPointer.parse(pointer).segments()) {
            if (at.whole) {
                return false;
            }
            Optional<Claims> next = at.next(segment);
            if (next.isEmpty()) {
                return true;
            }
            at = next.get();
        }
        return false;
    }

    private Optional<Claims> next(String segment) {
        Claims found = below.get(segment);
        return Optional.ofNullable(found != null ? found : below.get(ANY));
    }

    /**
     * Refuses what nobody claims.
     *
     * @throws RouteException for the first part
     */
    void check(ConfObject configuration) {
        check(configuration, ConfPointer.ROOT);
    }

    /** As the validation sees it. */
    private static boolean asksForNothing(Conf value) {
        return switch (value) {
            case ConfNull nothing -> true;
            case ConfObject object -> object.isEmpty();
            case ConfArray array -> array.elements().isEmpty();
            case ConfString text -> text.value().isEmpty();
            default -> false;
        };
    }

    private void check(ConfObject object, ConfPointer at) {
        for (Map.Entry<String, Conf> member : object.members().entrySet()) {
            String name = member.getKey();
            if (asksForNothing(member.getValue())) {
                continue;
            }
            Claims claims = next(name).orElseThrow(() -> RouteException.unsupported(at.child(name), name));
            if (claims.whole) {
                continue;
            }
            if (!(member.getValue() instanceof ConfObject deeper)) {
                throw new RouteException(at.child(name), "The \"" + name + "\" value must be an object.");
            }
            claims.check(deeper, at.child(name));
        }
    }
}
