// SPDX-License-Identifier: Apache-2.0
package io.margay.store;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.connect.LaunchingConnector;
import com.sun.jdi.connect.VMStartException;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.ClassPrepareRequest;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Runs a class in a JVM of its own, under a debugger, and kills that with SIGKILL before one of its system calls on
 * files: when it enters the method that makes the call.
 */
final class KilledProcess {
    private static final long PATIENCE_MILLIS = 30_000;
    private static final String CALLS = "io.margay.posix.";
    private static final Set<String> STEPS = Set.of("Files.openAt", "Files.fsync", "Files.rename", "Files.unlink",
        "Files.mkdir", "Files.ftruncate", "Transfer.read", "Transfer.write", "Descriptors.close");

    private KilledProcess() {
    }

    /**
     * Runs it.
     *
     * @param arguments without blanks
     * @param step the call to be killed before, from 1
     * @return the call that was not made; empty when the process ended by itself, with success, before that step
     */
    static Optional<String> run(Class<?> type, String arguments, int step) throws Exception {
        VirtualMachine vm = launch(type, arguments);
        try {
            ClassPrepareRequest classes = vm.eventRequestManager().createClassPrepareRequest();
            classes.addClassFilter(CALLS + "*");
            classes.enable();
            Optional<String> killed = follow(vm, step);
            if (!vm.process().waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the process does not end");
            }
            if (killed.isEmpty() && vm.process().exitValue() != 0) {
                throw new AssertionError(new String(vm.process().getErrorStream().readAllBytes()));
            }
            return killed;
        } finally {
            vm.process().destroyForcibly().waitFor();
        }
    }

    private static VirtualMachine launch(Class<?> type, String arguments)
            throws IOException, IllegalConnectorArgumentsException, VMStartException {
        LaunchingConnector connector = Bootstrap.virtualMachineManager().defaultConnector();
        Map<String, Connector.Argument> settings = connector.defaultArguments();
        settings.get("options").setValue("--enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 "
            + "-XX:+UseSerialGC -cp "
            + System.getProperty("java.class.path"));
        settings.get("main").setValue(type.getName() + " " + arguments);
        return connector.launch(settings);
    }

    private static Optional<String> follow(VirtualMachine vm, int step) throws InterruptedException {
        int seen = 0;
        try {
            while (true) {
                EventSet events = vm.eventQueue().remove(PATIENCE_MILLIS);
                if (events == null) {
                    throw new AssertionError("the process does nothing");
                }
                for (Event event : events) {
                    if (event instanceof ClassPrepareEvent prepared) {
                        breakpoints(prepared.referenceType());
                    } else if (event instanceof BreakpointEvent stop && ++seen == step) {
                        vm.process().destroyForcibly();
                        return Optional.of(name(stop.location().method()));
                    }
                }
                events.resume();
            }
        } catch (VMDisconnectedException e) {
            // It has ended by itself.
            return Optional.empty();
        }
    }

    private static void breakpoints(ReferenceType type) {
        for (Method method : type.methods()) {
            if (STEPS.contains(name(method))) {
                type.virtualMachine().eventRequestManager().createBreakpointRequest(method.location()).enable();
            }
        }
    }

    private static String name(Method method) {
        return method.declaringType().name().substring(CALLS.length()) + "." + method.name();
    }
}
