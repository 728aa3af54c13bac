// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfParser;
import io.margay.conf.ConfWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModuleCatalogueTest {

    private static final ModuleCatalogue CATALOGUE = ModuleCatalogue.of(List.of(
        module("ruby", "3.1.2"), module("python", "3.9.1"), module("python", "3.11.2"), module("php", "8.2.7"),
        module("python", "3.11.2")));

    private static InstalledModule module(String type, String version) {
        return new InstalledModule(type, version, "/usr/bin/" + type + version,
            List.of(new LanguageMount("/usr/lib/" + type, "/usr/lib/" + type)));
    }

    @ParameterizedTest
    @CsvSource({
        "python, 3.11.2", "python 3, 3.11.2", "python3, 3.11.2", "python 3.9, 3.9.1", "python3.9, 3.9.1",
        "python 3.1, -", "python 2, -", "python 3.11.2, 3.11.2", "python 3.11.20, -", "python 3., 3.11.2",
        "php8, 8.2.7", "ruby 3, 3.1.2", "perl, -", "pytho, -", "external, ''", "go, ''", "go 1.2, -", "'', -"})
    void findsTheNewestThatMatches(String type, String version) {
        assertEquals(version, CATALOGUE.find(type).map(InstalledModule::version).orElse("-"));
    }

    @ParameterizedTest
    @CsvSource({
        "3.11.2, 3.9.1, 1", "3.9, 3.9, 0", "no digit, no digit, 0", "item#99, item#100, -1", "alpha1, alpha001, 1",
        "part1_f012, part1_f01, 1", "foo.009, foo.0, -1", "000, 00, -1", "00, 01, -1", "01, 010, -1", "010, 09, -1",
        "09, 0, -1", "0, 1, -1", "1, 9, -1", "9, 10, -1", "3.1, 3.1.2, -1", "3.12.0rc1, 3.12.0, 1", "'', 1, -1"})
    void ordersVersionsLikeTheCLibrary(String a, String b, int sign) {
        assertEquals(sign, Integer.signum(VersionOrder.INSTANCE.compare(a, b)));
        assertEquals(-sign, Integer.signum(VersionOrder.INSTANCE.compare(b, a)));
    }

    @Test
    void sortsByTypeThenNewestFirst() {
        assertEquals(List.of("external ", "python 3.11.2", "python 3.9.1", "php 8.2.7", "ruby 3.1.2"),
            CATALOGUE.modules().stream().map(m -> m.type() + " " + m.version()).toList());
    }

    @Test
    void listsSeveralVersionsAsArray() {
        assertEquals("{\"python\":[{\"version\":\"3.11.2\",\"lib\":\"/usr/bin/python3.11.2\"},"
            + "{\"version\":\"3.9.1\",\"lib\":\"/usr/bin/python3.9.1\"}],"
            + "\"php\":{\"version\":\"8.2.7\",\"lib\":\"/usr/bin/php8.2.7\"},"
            + "\"ruby\":{\"version\":\"3.1.2\",\"lib\":\"/usr/bin/ruby3.1.2\"}}",
            ConfWriter.compactText(CATALOGUE.status()));
    }

    @Test
    void survivesTheJourneyBetweenProcesses() throws Exception {
        byte[] sent = ConfWriter.compact(CATALOGUE.toConf());
        assertEquals(CATALOGUE, ModuleCatalogue.fromConf(ConfParser.parse(sent)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"version\":\"3.11.2\"}|3.11.2", "{\"version\":\"\"}|-", "[]|-", "nonsense|-", "{\"version\":3}|-",
        "{\"version\":\"1\",\"mounts\":[{\"src\":\"a\",\"dst\":\"/b\"}]}|-",
        "{\"version\":\"1\",\"mounts\":[{\"src\":\"/a\",\"dst\":\"/b\"}]}|1"})
    void trustsNoProbe(String output, String version) {
        Probe probe = new Probe("python", List.of("/usr/bin/python3"));
        assertEquals(version, probe.parse(output.getBytes(StandardCharsets.UTF_8))
            .map(InstalledModule::version).orElse("-"));
    }

    @Test
    void namesTheProgramWhenTheProbeDoesNot() {
        Probe probe = new Probe("python", List.of("/usr/bin/python3"));
        assertTrue(probe.parse("{\"version\":\"3\"}".getBytes(StandardCharsets.UTF_8))
            .filter(m -> m.file().equals("/usr/bin/python3")).isPresent());
    }
}
