// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads YAML 1.2 as JSON values. Numbers stay as written where JSON writes them so; members keep their order. Tags of
 * applications are refused, and what aliases may make of a small text is bounded.
 */
final class YamlReader {
    private static final int MAX_ALIASES = 1000;
    private static final int MAX_VALUES = 200_000;
    private static final int MAX_DIGITS = 400;

    private int values;

    private YamlReader() {
    }

    /**
     * Reads the only document of a text.
     *
     * @throws ToolException (usage) saying what is wrong and in which line
     */
    static Conf read(String text) throws ToolException {
        LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).setAllowDuplicateKeys(false)
            .setAllowRecursiveKeys(false).setMaxAliasesForCollections(MAX_ALIASES)
            .setCodePointLimit(ControlClient.MAX_REPLY).build();
        try {
            Node root = new Compose(settings).composeString(text)
                .orElseThrow(() -> ToolException.usage("the YAML is empty"));
            return new YamlReader().value(root, 0);
        } catch (MarkedYamlEngineException e) {
            throw ToolException.usage("the YAML is wrong" + e.getProblemMark().map(YamlReader::place).orElse("")
                + ": " + e.getProblem());
        } catch (YamlEngineException e) {
            throw ToolException.usage("the YAML is wrong: " + e.getMessage());
        }
    }

    private static String place(Mark mark) {
        return " in line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1);
    }

    private static ToolException wrong(Node node, String why) {
        return ToolException.usage("the YAML is wrong" + node.getStartMark().map(YamlReader::place).orElse("") + ": "
            + why);
    }

    private Conf value(Node node, int depth) throws ToolException {
        if (depth > ConfParser.MAX_DEPTH) {
            throw wrong(node, "deeper than " + ConfParser.MAX_DEPTH + " levels, or an alias within itself");
        }
        if (++values > MAX_VALUES) {
            throw wrong(node, "more than " + MAX_VALUES + " values, with those that aliases repeat");
        }
        return switch (node) {
            case MappingNode mapping when mapping.getTag().equals(Tag.MAP) -> object(mapping, depth);
            case SequenceNode sequence when sequence.getTag().equals(Tag.SEQ) -> {
                List<Conf> elements = new ArrayList<>();
                for (Node element : sequence.getValue()) {
                    elements.add(value(element, depth + 1));
                }
                yield new ConfArray(elements);
            }
            case ScalarNode scalar -> scalar(scalar);
            default -> throw wrong(node, "JSON has no " + node.getTag());
        };
    }

    private Conf object(MappingNode mapping, int depth) throws ToolException {
        Map<String, Conf> members = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            // A plain 80 or true as a name is text in JSON too.
            if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                throw wrong(tuple.getKeyNode(), "the name of a member is no text");
            }
            if (members.put(name.getValue(), value(tuple.getValueNode(), depth + 1)) != null) {
                throw wrong(name, "\"" + name.getValue() + "\" stands twice");
            }
        }
        return new ConfObject(members);
    }

    private static Conf scalar(ScalarNode node) throws ToolException {
        Tag tag = node.getTag();
        String text = node.getValue();
        if (tag.equals(Tag.STR)) {
            return Conf.of(text);
        } else if (tag.equals(Tag.BOOL)) {
            return Conf.of(text.equalsIgnoreCase("true"));
        } else if (tag.equals(Tag.NULL)) {
            return ConfNull.NULL;
        } else if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            return number(node, text);
        }
        throw wrong(node, "JSON has no " + tag);
    }

    private static Conf number(Node node, String text) throws ToolException {
        if (text.length() > MAX_DIGITS) {
            throw wrong(node, "a number of more than " + MAX_DIGITS + " characters");
        }
        try {
            if (text.matches("0x[0-9a-fA-F]+")) {
                return new ConfNumber(new BigInteger(text.substring(2), 16).toString());
            } else if (text.matches("0o[0-7]+")) {
                return new ConfNumber(new BigInteger(text.substring(2), 8).toString());
            }
            // What YAML may write and JSON may not: a plus sign, leading zeros, nothing beside the point.
            String json = text.replaceFirst("^\\+", "").replaceFirst("^(-?)0+(?=[0-9])", "$1")
                .replaceFirst("^(-?)\\.", "$10.").replaceFirst("\\.(?=[eE]|$)", "");
            if (json.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?")) {
                return new ConfNumber(json);
            }
        } catch (NumberFormatException e) {
            throw wrong(node, "\"" + text + "\" is no number");
        }
        throw wrong(node, "JSON has no number \"" + text + "\"");
    }
}
