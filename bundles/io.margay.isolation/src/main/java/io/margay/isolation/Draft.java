// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A step while the table is written. Unless told otherwise, an error ends the start. */
final class Draft {

    static final int JUMP_ON_NAMED = 1;
    static final int JUMP_ON_SUCCESS = 2;
    static final int FAIL_ON_ERROR = 4;
    static final int FAIL_ON_OTHERS = 8;
    /** What no system call returns. */
    static final long NOTHING = Long.MIN_VALUE;

    private final Call call;
    private final List<Arg> args;
    private String setting;
    private Failure failure;
    private int check = FAIL_ON_ERROR;
    private long named = NOTHING;
    private String name = "";
    private Optional<Label> target = Optional.empty();
    private Optional<Arg.Slot> save = Optional.empty();

    /** A place in the table, known later. */
    static final class Label {
        private int index = -1;

        void place(int at) {
            index = at;
        }

        int index() {
            if (index < 0) {
                throw new IllegalStateException("label without a place");
            }
            return index;
        }
    }

    Draft(String setting, Failure failure, Call call, Arg... args) {
        this.setting = setting;
        this.failure = failure;
        this.call = call;
        this.args = Arrays.asList(args);
    }

    /** This result is no failure. */
    Draft accept(long result, String shown) {
        named = result;
        name = shown;
        return this;
    }

    /** Any result will do. */
    Draft anyway() {
        check &= ~FAIL_ON_ERROR;
        return this;
    }

    /** Only this result will do. */
    Draft only(long result) {
        named = result;
        name = Long.toString(result);
        check |= FAIL_ON_OTHERS;
        return this;
    }

    /** Jumps on this result, be it an error or not. */
    Draft jumpIf(long result, String shown, Label to) {
        named = result;
        name = shown;
        check |= JUMP_ON_NAMED;
        target = Optional.of(to);
        return this;
    }

    /** Jumps on any result but an error. */
    Draft jumpOnSuccess(Label to) {
        check |= JUMP_ON_SUCCESS;
        target = Optional.of(to);
        return this;
    }

    Draft save(Arg.Slot slot) {
        save = Optional.of(slot);
        return this;
    }

    Call call() {
        return call;
    }

    List<Arg> args() {
        return args;
    }

    String setting() {
        return setting;
    }

    Failure failure() {
        return failure;
    }

    int check() {
        return check;
    }

    long named() {
        return named;
    }

    Optional<Label> target() {
        return target;
    }

    Optional<Arg.Slot> slot() {
        return save;
    }

    String text() {
        if (call == Call.LOOK && target.isPresent() && args.get(1) instanceof Arg.Num mask && mask.value() == 0) {
            return "go to " + target.get().index();
        }
        String text = args.stream().map(Arg::text).collect(Collectors.joining(", ", call + "(", ")"));
        return save.map(slot -> slot.text() + " = ").orElse("") + text;
    }

    boolean fatal() {
        return (check & (FAIL_ON_ERROR | FAIL_ON_OTHERS)) != 0;
    }

    /** What follows other than going on, empty for a plain step. */
    String consequence() {
        if (text().startsWith("go to")) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        if ((check & FAIL_ON_OTHERS) != 0) {
            text.append("must be ").append(name);
        } else if ((check & JUMP_ON_NAMED) != 0) {
            text.append("if ").append(name).append(" go to ").append(target.orElseThrow().index());
        } else if (named != NOTHING) {
            text.append(name).append(" accepted");
        }
        if ((check & JUMP_ON_SUCCESS) != 0) {
            text.append(text.isEmpty() ? "" : ", ").append("if done go to ").append(target.orElseThrow().index());
        }
        if (!fatal()) {
            text.append(text.isEmpty() ? "" : ", ").append("errors ignored");
        }
        return text.toString();
    }
}
