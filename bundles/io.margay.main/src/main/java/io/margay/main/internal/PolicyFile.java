// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.module.ModulePolicy;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.process.StartException;
import java.util.Optional;

/**
 * The file of the {@link ControlPolicy}. It is read once, at the start: who can write it decides who is the server's
 * master, so it must belong to the superuser or the server's own user, and nobody else may write it.
 */
final class PolicyFile {

    private static final int MAX_SIZE = 1 << 20;
    private static final int OTHERS_WRITE = 022;

    private PolicyFile() {
    }

    /**
     * What the file says.
     *
     * @param control who may use the control API, compact JSON for the controller; empty without a file
     * @param modules what extension bundles have to be
     * @param parkMillis how long what an update replaced is kept ready for a way back
     */
    record Rules(Optional<byte[]> control, ModulePolicy modules, long parkMillis) {

        /** Those of no file. */
        static final Rules NONE = new Rules(Optional.empty(), ModulePolicy.NONE, ModuleRules.PARK_MILLIS);
    }

    /**
     * Reads it.
     *
     * @param path where it is
     * @param required false when it may be missing
     * @param self the server's own user
     * @throws StartException when it is not usable; the message names the file and the place in it
     */
    static Rules read(String path, boolean required, ControlPolicy policy, int self) {
        try (Fd file = Files.open(path, Files.O_RDONLY | Files.O_NONBLOCK, 0)) {
            check(path, Files.status(file.number()), self);
            Conf content = ConfParser.parse(Files.readAll(file.number(), MAX_SIZE));
            byte[] control = ConfWriter.compact(policy.resolve(content, Integer.toUnsignedLong(self)));
            ModuleRules modules = ModuleRules.of((ConfObject) content);
            return new Rules(Optional.of(control), modules.policy(), modules.parkMillis());
        } catch (PosixException e) {
            if (!required && e.errno() == Errno.ENOENT) {
                return Rules.NONE;
            }
            throw new StartException(text(path, e.getMessage()), e);
        } catch (ConfSyntaxException e) {
            String place = e.line() > 0 ? "line " + e.line() + ", column " + e.column() + ": " : "";
            throw new StartException(text(path, place + e.detail()), e);
        } catch (ControlPolicy.Refused e) {
            throw new StartException(text(path, e.getMessage()), e);
        }
    }

    private static void check(String path, FileStatus status, int self) {
        if (!status.isRegular()) {
            throw new StartException(text(path, "is no regular file"));
        }
        if (status.uid() != 0 && status.uid() != self) {
            throw new StartException(text(path, "belongs to user " + Integer.toUnsignedString(status.uid())
                + ", but must belong to root or to the user that starts the server"));
        }
        if ((status.permissions() & OTHERS_WRITE) != 0) {
            throw new StartException(text(path, "may be written by its group or by everybody (mode 0"
                + Integer.toOctalString(status.permissions()) + "), which must not be"));
        }
    }

    private static String text(String path, String problem) {
        return "control policy \"" + path + "\" (option \"--control-policy\"): " + problem;
    }
}
