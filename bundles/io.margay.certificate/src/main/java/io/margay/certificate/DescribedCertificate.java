// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A certificate that a configuration describes where it could name one: an object whose one member says by its name
 * who gets it and by its value what it is.
 *
 * @param place of the object, from the root
 * @param kind the name of the member, see {@link CertificateKind#option}
 * @param value of the member
 */
public record DescribedCertificate(ConfPointer place, String kind, Conf value) {

    /**
     * Those of all listeners, in their order; an object that stands several times is there as often.
     *
     * @param configuration a whole one, of which nothing is known but that it is JSON
     */
    public static List<DescribedCertificate> ofListeners(ConfObject configuration) {
        List<DescribedCertificate> found = new ArrayList<>();
        configuration.object("listeners").orElse(ConfObject.EMPTY).members().forEach((address, listener) -> {
            ConfPointer place = ConfPointer.ROOT.child("listeners").child(address).child("tls").child("certificate");
            if (listener instanceof ConfObject object) {
                object.object("tls").flatMap(tls -> tls.get("certificate")).ifPresent(value -> add(value, place,
                    found));
            }
        });
        return found;
    }

    private static void add(Conf value, ConfPointer place, List<DescribedCertificate> found) {
        if (value instanceof ConfArray array) {
            for (int i = 0; i < array.size(); i++) {
                if (array.elements().get(i) instanceof ConfObject object) {
                    add(object, place.child(i), found);
                }
            }
        } else if (value instanceof ConfObject object && object.size() == 1) {
            Map.Entry<String, Conf> member = object.members().entrySet().iterator().next();
            found.add(new DescribedCertificate(place, member.getKey(), member.getValue()));
        }
    }

    /** Where the value stands. */
    public ConfPointer inner() {
        return place.child(kind);
    }
}
