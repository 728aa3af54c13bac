// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** What a deployment descriptor says of the platform that it was written for. */
enum WebXml {
    /** Nothing, or there is none. */
    SILENT,
    /** Java EE, by a namespace or a document type. */
    JAVA,
    /** Jakarta EE 9. */
    JAKARTA_9,
    /** Jakarta EE 10 or newer. */
    JAKARTA_10;

    private static final String JAKARTA = "https://jakarta.ee/";

    /** Reads the beginning of one; what is no XML is silent, and the container tells what is wrong with it. */
    static WebXml read(Path file) {
        if (!Files.isRegularFile(file)) {
            return SILENT;
        }
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try (InputStream in = Files.newInputStream(file)) {
            XMLStreamReader reader = factory.createXMLStreamReader(in);
            boolean typed = false;
            while (reader.hasNext()) {
                int event = reader.next();
                typed |= event == XMLStreamConstants.DTD;
                if (event == XMLStreamConstants.START_ELEMENT) {
                    return of(String.valueOf(reader.getNamespaceURI()), reader.getAttributeValue(null, "version"),
                        typed);
                }
            }
            return SILENT;
        } catch (IOException | XMLStreamException e) {
            return SILENT;
        }
    }

    private static WebXml of(String namespace, String version, boolean typed) {
        if (namespace.startsWith(JAKARTA)) {
            return "5.0".equals(version) ? JAKARTA_9 : JAKARTA_10;
        }
        // There were document types up to Servlet 2.3, and several namespaces later.
        return typed || namespace.contains("javaee") || namespace.contains("j2ee") ? JAVA : SILENT;
    }
}
