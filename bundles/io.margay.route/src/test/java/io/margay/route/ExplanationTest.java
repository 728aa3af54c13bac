// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExplanationTest {
    private static final String STEPS = """
        {'match': {'host': ['*.example.com', '!www.example.com']}, 'action': {'text': 'host'}},
        {'match': {'uri': ['/app/*', '!/app/static/*']}, 'action': {'pass': 'applications/one/target'}},
        {'match': {'method': 'post', 'headers': {'X-A': 'b*'}}, 'action': {'text': 'header'}},
        {'match': {'arguments': {'q': '~^[0-9]+$'}}, 'action': {'text': 'argument'}},
        {'match': {'cookies': [{'s': '1'}, {'t': '2'}]}, 'action': {'text': 'cookie'}},
        {'match': {'source': '10.0.0.0/8'}, 'action': {'text': 'source'}},
        {'match': {'if': '$arg_go'}, 'action': {'rewrite': '/new$uri', 'text': 'rewritten'}},
        {'match': {'uri': '/to/*'}, 'action': {'pass': 'applications/$arg_name'}},
        {'match': {'scheme': 'https'}, 'action': {'text': 'tls'}},
        {'match': {'query': 'only=this'}, 'action': {'text': 'query'}}""";
    private final Site site = Site.steps(STEPS);

    private static String json(ConfObject value, String member) {
        return new String(ConfWriter.compact(value.get(member).orElseThrow()), StandardCharsets.UTF_8)
            .replace('"', '\'');
    }

    /** The last step that was tried, and the text of its action as the real request is answered with. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "GET|a.EXAMPLE.com:80|/|", "GET|www.example.com|/|", "GET|a|/app/x|", "GET|a|/app/static/x|", "GET|a|/%61pp/x|",
        "POST|a|/|X-A: bcd", "POST|a|/|X-A: c", "GET|a|/|X-A: b", "GET|a|/?q=12|", "GET|a|/?q=1x|", "GET|a|/?q=1&q=x|",
        "GET|a|/|Cookie: s=0; t=2", "GET|a|/|Cookie: s=0", "GET|a|/x?go=1|", "GET|a|/x?go=false|",
        "GET|a|/to/?name=two|",
        "GET|a|/to/?name=none|", "GET|a|/to/|", "GET|a|/?only=this|", "GET|a|/?only%3Dthis|", "DELETE|b|/a/../up|"})
    void theWayIsThatOfARealRequest(String method, String host, String uri, String field) {
        String[] parts = field == null ? new String[0] : field.split(": ");
        String real = field == null ? site.request(method, uri, "Host: " + host)
            : site.request(method, uri, "Host: " + host, field);
        ConfObject told = site.explain("{'method': '" + method + "', 'host': '" + host + "', 'uri': '" + uri
            + "', 'headers': [" + (field == null ? "" : "['" + parts[0] + "', '" + parts[1] + "']") + "]}");
        assertEquals(real, foretold(told), told.toString());
    }

    private static String foretold(ConfObject told) {
        ConfObject result = told.object("result").orElseThrow();
        if (result.has("status")) {
            return Long.toString(result.integer("status", 0));
        }
        ConfArray actions = told.array("actions").orElseThrow();
        ConfObject last = (ConfObject) actions.elements().getLast();
        String path = last.string("path").orElseGet(() -> told.object("request").orElseThrow().string("path")
            .orElseThrow());
        return result.string("application").map(name -> "app " + name + result.string("target").map(target -> "/"
            + target).orElse("")).orElseGet(() -> last.object("action").orElseThrow().string("text").orElseThrow())
            + " " + path;
    }

    @Test
    void eachConditionSaysWhatItHasSeen() {
        ConfObject told = site.explain("{'host': 'www.example.com', 'uri': '/app/x?a=1'}");
        assertEquals("[{'step':'routes/0','matched':false,'conditions':[{'condition':'host','pattern':"
            + "['*.example.com','!www.example.com'],'value':'www.example.com','decisive':'!www.example.com',"
            + "'matched':false}]},{'step':'routes/1','matched':true,'conditions':[{'condition':'uri','pattern':"
            + "['/app/*','!/app/static/*'],'value':'/app/x','decisive':'/app/*','matched':true}]}]",
            json(told, "steps"));
        assertEquals("[{'at':'/routes/1/action','kind':'pass','action':{'pass':'applications/one/target'}}]",
            json(told, "actions"));
        assertEquals("{'action':'pass','pass':'applications/one/target','application':'one','target':'target'}",
            json(told, "result"));
        assertEquals("{'method':'GET','scheme':'http','host':'www.example.com','path':'/app/x',"
            + "'source':'127.0.0.1:0'}", json(told, "request"));
    }

    @Test
    void conditionsBehindOneThatFailsAreNotTested() {
        ConfObject told = Site.steps("{'match': {'method': 'PUT', 'headers': {'A': 'b'}}, 'action': {'text': 'x'}}")
            .explain("{'headers': [['A', 'b']]}");
        assertEquals("[{'step':'routes/0','matched':false,'conditions':[{'condition':'method','pattern':'PUT',"
            + "'value':'GET','matched':false}]}]", json(told, "steps"));
        assertEquals("{'status':404,'reason':'no step of \\'routes\\' matched'}", json(told, "result"));
    }

    @Test
    void aStepThatIsSwitchedOffIsNeverTakenAndKeepsItsNumber() {
        ConfObject told = Site.steps("{'enabled': false, 'action': {'text': 'off'}}, {'enabled': true, 'action':"
            + " {'text': 'on'}}").explain("{}");
        assertEquals("[{'step':'routes/0','matched':false,'conditions':[{'condition':'enabled','pattern':false,"
            + "'value':null,'matched':false}]},{'step':'routes/1','matched':true,'conditions':[]}]",
            json(told, "steps"));
        assertEquals("{'action':'text'}", json(told, "result"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"10.1.2.3|10.1.2.3:0|true", "10.1.2.3:99|10.1.2.3:99|true",
        "11.1.2.3|11.1.2.3:0|false", "::1|[::1]:0|false", "[::1]:5|[::1]:5|false", "unix:/x|unix:|false"})
    void theSourceIsWhatIsSaid(String source, String shown, boolean matches) {
        ConfObject told = Site.steps("{'match': {'source': '10.0.0.0/8'}, 'action': {'text': 'x'}}")
            .explain("{'source': '" + source + "'}");
        assertEquals("[{'step':'routes/0','matched':" + matches + ",'conditions':[{'condition':'source','pattern':"
            + "'10.0.0.0/8','value':'" + shown + "','matched':" + matches + "}]}]", json(told, "steps"));
    }

    @Test
    void manyStepsAreCutShort() {
        List<String> steps = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            steps.add("{'match': {'uri': '/" + i + "'}, 'action': {'text': 'x'}}");
        }
        ConfObject told = Site.steps(String.join(",", steps)).explain("{'uri': '/1499'}");
        assertEquals(1001, told.array("steps").orElseThrow().size());
        assertEquals(499, told.integer("omitted", 0));
        assertEquals("{'action':'text'}", json(told, "result"));
    }

    @Test
    void aLongWayEndsAsForRequests() {
        ConfObject told = Site.steps("{'action': {'pass': 'routes'}}").explain("{}");
        assertEquals("{'status':500,'reason':'passed on more than 256 times'}", json(told, "result"));
    }

    @Test
    void anExpressionThatExplodesIsAnErrorAsForRequests() {
        ConfObject told = Site.steps("{'match': {'uri': '~^/(a|aa)*x$'}, 'action': {'text': 'x'}}")
            .explain("{'uri': '/" + "a".repeat(3000) + "'}");
        assertTrue(json(told, "result").startsWith("{'status':500,"), () -> json(told, "result"));
    }

    @Test
    void whatDependsOnACourseIsNotForetold() {
        ConfObject told = Site.steps("{'match': {'if': '$request_time'}, 'action': {'text': 'x'}}").explain("{}");
        assertTrue(json(told, "result").startsWith("{'reason':'cannot be told"), () -> json(told, "result"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'listener': '*:81'}", "{'method': 'A B'}", "{'method': ''}", "{'uri': 'x'}",
        "{'uri': '/../up'}",
        "{'uri': ''}", "{'uri': '/a\\r\\nb'}", "{'host': 'a/b'}", "{'host': 'a..b'}", "{'scheme': 'ftp'}",
        "{'source': 'somewhere'}", "{'destination': '1.2.3'}", "{'headers': [['a b', 'c']]}", "{'headers': ['a']}",
        "{'headers': [['a', 'b\\n']]}", "{'headers': [['a', 'b', 'c']]}"})
    void whatIsNoRequestIsRefused(String request) {
        assertThrows(IllegalArgumentException.class, () -> site.explain(request));
    }
}
