// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.control.AccessPolicy;
import io.margay.control.ControlPeer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessTest {
    private static final String RULES = "'self':500,'rules':["
        + "{'uid':1000,'methods':['GET','PUT'],'paths':['/config/routes','/config/listeners/unix:%2Frun%2Fa']},"
        + "{'gid':50,'methods':[],'paths':['/config/applications/blog','/control/revisions']},"
        + "{'uid':1001,'gid':50,'methods':['DELETE'],'paths':['/config']},"
        + "{'who':'any','methods':['GET'],'paths':['/status']},"
        + "{'who':'owner','methods':['GET'],'paths':['/control/applications']}]}";
    private static final String CONF = "{'applications':{'blog':{'type':'external','executable':'x','user':'u1003'},"
        + "'a/b':{'type':'external','executable':'x','user':'u1003'},'a%2Fb':{'type':'external','executable':'x',"
        + "'user':'u1004'},'c':{'type':'external','executable':'x'},'d':{'type':'external','executable':'x','user':"
        + "'nobody'}}}";

    private static Bench bench(String fallback) {
        try {
            return new Bench(null, AccessPolicy.of((ConfObject) ConfParser.parse(Bench.bytes(
                ("{'default':'" + fallback + "'," + RULES).replace('\'', '"'))))).started(CONF.replace('\'', '"'));
        } catch (ConfSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** uid:gid:groups, or an address. */
    private static ControlPeer peer(String text) {
        if (text.contains(".")) {
            return new ControlPeer.Remote(text);
        }
        List<Integer> ids = List.of(text.split(" ")).stream().map(Integer::parseUnsignedInt).toList();
        return new ControlPeer.Local(ids.get(0), ids.get(1), 7, ids.subList(2, ids.size()));
    }

    /** The last columns: refused by default "deny", refused by default "allow". */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "0 0|DELETE|/config|no|no", "500 9|DELETE|/config|no|no", "501 9|DELETE|/config|yes|no",
        "4294967295 0|DELETE|/config|yes|no", "10.0.0.1|DELETE|/config|yes|no", "10.0.0.1|GET|/status|no|no",
        "501 9|GET|/status|no|no", "501 9|GET|/status/x|no|no", "501 9|PUT|/status|yes|no", "501 9|GET|/statusx|yes|no",
        "501 9|GET|/|yes|no",
        "1000 9|GET|/config/routes|no|no", "1000 9|PUT|/config/routes/0|no|no", "1000 9|DELETE|/config/routes|yes|yes",
        "1000 9|GET|/config|yes|yes", "1000 9|GET|/|yes|yes", "1000 9|GET|/config/routesx|yes|yes",
        "1000 9|GET|/status|no|no", "1000 9|GET|/config//routes/.|no|no", "1000 9|GET|/config/x/../routes|no|no",
        "1000 9|GET|/config/routes/../listeners|yes|yes", "1000 9|GET|/config/routes/%2e%2e/listeners|yes|yes",
        "1000 9|GET|/config/routes%2F..%2Flisteners|yes|yes", "1000 9|GET|/config/routes%2Fx|yes|yes",
        "1000 9|GET|/%63onfig/routes|no|no", "1000 9|GET|/Config/Routes|yes|yes",
        "1000 9|get|/config/routes|yes|yes", "1000 9|GET|/config%2Froutes|yes|yes",
        "1000 9|GET|/config/listeners/unix:%2Frun%2Fa/pass|no|no", "1000 9|GET|/config/listeners/unix:/run/a|yes|yes",
        "1000 9|GET|/config/listeners/unix%3A%2frun%2fa|no|no",
        "7 50|PUT|/config/applications/blog|no|no", "7 8 9 50|POST|/control/revisions/1/rollback|no|no",
        "7 8 9|PUT|/config/applications/blog|yes|no", "7 50|PUT|/config/applications/blog%2Fx|yes|yes",
        "1001 50|DELETE|/config/x|no|no", "1001 9|DELETE|/config/x|yes|no", "1002 50|DELETE|/config|yes|yes",
        "1003 9|GET|/control/applications/blog/restart|no|no", "1003 9|GET|/control/applications/a/b/restart|no|no",
        "1003 9|GET|/control/applications/a%2fb/restart|no|no",
        "1003 9|GET|/control/applications/a%2Fb/restart|yes|no",
        "1004 9|GET|/control/applications/a%2Fb/restart|no|no",
        "1004 9|GET|/control/applications/blog/restart|yes|no", "1003 9|GET|/control/applications/c/restart|yes|no",
        "1003 9|GET|/control/applications/d/restart|yes|no", "1003 9|GET|/control/applications/none/restart|yes|no",
        "1000 9|GET|/control/applications/blog/restart|yes|yes",
        "1003 9|POST|/control/applications/blog/restart|yes|no",
        "10.0.0.1|GET|/control/applications/blog/restart|yes|no"})
    void rules(String who, String method, String target, String deny, String allow) {
        for (String[] each : new String[][] {{"deny", deny}, {"allow", allow}}) {
            Bench bench = bench(each[0]);
            bench.peer = peer(who);
            String reply = bench.say(method, target, "{}");
            String text = "403 {\"error\": \"Access denied.\",\"detail\": \"The control policy does not allow " + method
                + " " + target + " to " + bench.peer + ".\"}";
            assertEquals(each[1].equals("yes"), reply.equals(text), each[0] + ": " + reply);
            assertEquals(each[1].equals("yes"), reply.startsWith("403"), reply);
            if (each[1].equals("yes")) {
                assertEquals(List.of("info access denied: " + method + " " + target + " by " + bench.peer), bench.log);
                assertTrue(bench.applied.isEmpty() && bench.restarted.isEmpty());
            }
        }
    }

    @Test
    void theOwnerIsThatOfTheMomentWhenItHappens() {
        Bench bench = bench("deny");
        bench.peer = peer("1003 9");
        assertEquals("200", bench.say("GET", "/control/applications/blog/restart", "").substring(0, 3));
        assertEquals(List.of("blog"), bench.restarted);
        bench.peer = peer("0 0");
        assertEquals("200", bench.say("PUT", "/config/applications/blog/user", "\"u1004\"").substring(0, 3));
        bench.peer = peer("1003 9");
        assertEquals("403", bench.say("GET", "/control/applications/blog/restart", "").substring(0, 3));
    }

    @Test
    void withoutAPolicyEverybodyMay() {
        Bench bench = new Bench().started("{}");
        bench.peer = peer("1003 9");
        assertEquals("200", bench.say("DELETE", "/config", "").substring(0, 3));
    }
}
