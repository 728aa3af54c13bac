// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bends good configurations at random places; each must be accepted or refused with a detail and an existing place. */
class ValidationFuzzTest {
    private final Random random = new Random(1);
    private final Schema schema = Schemas.load().current();
    private final List<Conf> good = Schemas.table("accepted.txt").flatMap(List::stream).map(Schemas::parse).toList();

    @Test
    void everyConfigurationGetsAnAnswer() {
        int refused = 0;
        for (int round = 0; round < 40_000; round++) {
            Conf conf = good.get(random.nextInt(good.size()));
            for (int edits = random.nextInt(3); edits >= 0; edits--) {
                conf = bend(conf);
            }
            Optional<Problem> problem = schema.validate(conf, Schemas.FACTS);
            if (problem.isPresent()) {
                refused++;
                assertTrue(!problem.get().detail().isBlank());
                assertTrue(problem.get().path().resolve(conf).isPresent(), problem.get()::toString);
            }
        }
        assertTrue(refused > 10_000 && refused < 40_000, "refused " + refused);
        assertEquals(Optional.empty(), schema.validate(good.getFirst(), Schemas.FACTS));
    }

    private Conf bend(Conf conf) {
        List<ConfPointer> places = new ArrayList<>();
        collect(conf, ConfPointer.ROOT, places);
        ConfPointer place = places.get(random.nextInt(places.size()));
        if (random.nextInt(3) == 0 && !place.segments().isEmpty()) {
            return ConfEdit.delete(conf, place.segments()).root();
        }
        Conf value = switch (random.nextInt(8)) {
            case 0 -> Conf.of(random.nextInt());
            case 1 -> ConfNull.NULL;
            case 2 -> ConfArray.EMPTY;
            case 3 -> ConfObject.EMPTY;
            case 4 -> Conf.of(List.of("", "$", "${uri}", "`x`", "*", "!~(", "[::", "%", "a/b/c", "\0")
                .get(random.nextInt(10)));
            case 5 -> Conf.of(random.nextBoolean());
            default -> places.get(random.nextInt(places.size())).resolve(conf).orElseThrow();
        };
        ConfPointer target = random.nextInt(4) == 0 ? place.child("x") : place;
        return ConfEdit.put(conf, target.segments(), value).root();
    }

    private static void collect(Conf conf, ConfPointer at, List<ConfPointer> places) {
        places.add(at);
        if (conf instanceof ConfObject object) {
            object.members().forEach((name, value) -> collect(value, at.child(name), places));
        } else if (conf instanceof ConfArray array) {
            for (int i = 0; i < array.size(); i++) {
                collect(array.elements().get(i), at.child(i), places);
            }
        }
    }
}
