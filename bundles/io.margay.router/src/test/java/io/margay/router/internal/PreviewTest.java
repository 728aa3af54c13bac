// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfWriter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a change would do, and what it then does. */
@Timeout(60)
class PreviewTest extends ApplyStage {

    private String preview(String json, String... leftOut) {
        ChangePlan plan = stage.call(() -> apply(order(json, leftOut)).preview()).toCompletableFuture()
            .orTimeout(Stage.SECONDS, TimeUnit.SECONDS).join();
        return ConfWriter.compactText(plan.toConf()).replace(directory + "/", "").replace("\"", "");
    }

    /** What a preview says is what happens then. */
    @Test
    void previewsSayWhatIsKept() {
        String other = "\"wiki\":{\"type\":\"test\",\"processes\":{\"max\":1,\"spare\":0}}";
        String first = conf(listener("a", "routes") + "," + listener("b", "routes"), "200", APP);
        assertEquals("{listeners:{opened:[unix:a,unix:b],closed:[],kept:[],left_out:[]},"
            + "applications:{started:[blog],restarted:[],"
            + "stopped:[],kept:[],left_out:[]}}", preview(first));
        assertEquals(List.of(), stage.asked);
        apply(first);
        Object kept = current.pools().get("blog");
        String second = conf(listener("b", "applications/blog") + "," + listener("c", "routes"), "404",
            APP + "," + other);
        assertEquals("{listeners:{opened:[unix:c],closed:[unix:a],kept:[unix:b],left_out:[]},"
            + "applications:{started:[wiki],"
            + "restarted:[],stopped:[],kept:[blog],left_out:[]}}", preview(second));
        apply(second);
        assertSame(kept, current.pools().get("blog"));
        assertEquals("{listeners:{opened:[],closed:[unix:b,unix:c],kept:[],left_out:[]},"
            + "applications:{started:[],restarted:[blog],"
            + "stopped:[wiki],kept:[],left_out:[]}}", preview(conf("", "200", APP.replace("\"max\":1", "\"max\":2"))));
        assertEquals("{listeners:{opened:[],closed:[unix:b,unix:c],kept:[],left_out:[]},"
            + "applications:{started:[],restarted:[],"
            + "stopped:[wiki],kept:[blog],left_out:[wiki]}}", preview(conf("", "200", APP + "," + other), "wiki"));
        String threads = conf("", "200", APP, "\"listen_threads\":3");
        assertTrue(preview(threads).contains("restarted:[blog]"), preview(threads));
        apply(threads);
        assertNotSame(kept, current.pools().get("blog"));
    }
}
