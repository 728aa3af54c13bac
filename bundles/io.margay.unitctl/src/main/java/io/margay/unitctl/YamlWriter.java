// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfBoolean;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.StreamDataWriter;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Writes values as YAML 1.2, block style. Numbers are written as they are and members in their order. */
final class YamlWriter {
    private static final int WIDTH = 120;

    private YamlWriter() {
    }

    /** A writer in memory, as the library wants it. */
    private static final class Text extends StringWriter implements StreamDataWriter {
        @Override
        public void flush() {
            // Memory needs none.
        }
    }

    /** {@return the text with its final line end} */
    static String write(Conf value) {
        DumpSettings settings = DumpSettings.builder().setSchema(new CoreSchema())
            .setDefaultFlowStyle(FlowStyle.BLOCK).setDereferenceAliases(true).setWidth(WIDTH).setSplitLines(false)
            .build();
        Text text = new Text();
        new Dump(settings).dumpNode(node(value), text);
        return text.toString();
    }

    private static Node node(Conf value) {
        return switch (value) {
            case ConfObject object -> {
                List<NodeTuple> members = new ArrayList<>();
                object.members().forEach((name, member) -> members.add(new NodeTuple(string(name), node(member))));
                yield new MappingNode(Tag.MAP, members, object.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK);
            }
            case ConfArray array -> new SequenceNode(Tag.SEQ,
                new ArrayList<>(array.elements().stream().map(YamlWriter::node).toList()),
                array.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK);
            case ConfString text -> string(text.value());
            case ConfNumber number -> plain(number.isInteger() && number.text().matches("-?[0-9]+")
                ? Tag.INT : Tag.FLOAT, number.text());
            case ConfBoolean bool -> plain(Tag.BOOL, Boolean.toString(bool.value()));
            case ConfNull ignored -> plain(Tag.NULL, "null");
        };
    }

    private static Node string(String text) {
        // The library quotes a plain one where it would read as something else.
        return new ScalarNode(Tag.STR, text, text.indexOf('\n') >= 0 ? ScalarStyle.LITERAL : ScalarStyle.PLAIN);
    }

    private static Node plain(Tag tag, String text) {
        return new ScalarNode(tag, text, ScalarStyle.PLAIN);
    }
}
