// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.Arrays;
import java.util.List;

/**
 * Mounts and the change of root (spec/isolation.md §6, §7, §12).
 *
 * <p>A destination is never used as a path of the host. It is walked from the opened root, by openat2 which treats
 * that root as the end of the world, or without any symbolic link where the kernel lacks it, and becomes the working
 * directory; the mount then goes to ".". A file cannot become that, so its mount is made by descriptors alone. So no
 * link inside the root can redirect a mount, and no /proc is needed.
 */
final class RootSteps {

    private static final String ROOTFS = "rootfs";

    private final LaunchPlan plan;
    private final Assembly assembly;
    private final Numbers numbers;
    private final Arg rootFd;
    private final Arg directoryFd;

    RootSteps(LaunchPlan plan, Assembly assembly, Numbers numbers) {
        this.plan = plan;
        this.assembly = assembly;
        this.numbers = numbers;
        rootFd = Arg.flags(numbers.root(), "root");
        directoryFd = Arg.flags(numbers.directory(), "directory");
    }

    /**
     * Makes the destinations before there is a credential namespace: inside, a uid that is not mapped (that of main,
     * usually) may create nothing.
     */
    void prepare() {
        plan.root().filter(root -> !plan.mounts().isEmpty()).ifPresent(root -> {
            open(root);
            plan.mounts().forEach(mount -> {
                if (mount.type() == Mount.Type.FILE) {
                    file("mount " + mount.target(), root, mount);
                } else {
                    destination("mount " + mount.target(), root, names(mount));
                }
            });
            close();
        });
    }

    void add() {
        if (plan.namespaces().contains(Namespace.MOUNT)) {
            mountRoot(Failure.alert("mount(\"/\", MS_REC|MS_PRIVATE) %E"), "none", "/",
                Arg.flags(Kernel.MS_REC | Kernel.MS_PRIVATE, "MS_REC|MS_PRIVATE"));
        } else if (plan.hidesMounts()) {
            // What the host mounts later is seen, as if there were no namespace; what is mounted here is not.
            mountRoot(Failure.alert("mount(\"/\", MS_REC|MS_SLAVE) %E"), "none", "/",
                Arg.flags(Kernel.MS_REC | Kernel.MS_SLAVE, "MS_REC|MS_SLAVE"));
        }
        plan.root().ifPresent(this::changeRoot);
    }

    private void changeRoot(String root) {
        boolean pivot = plan.namespaces().contains(Namespace.MOUNT);
        if (pivot) {
            // pivot_root wants a mount point.
            mountRoot(Failure.alert("error bind mounting rootfs %E"), root, root,
                Arg.flags(Kernel.MS_BIND | Kernel.MS_REC, "MS_BIND|MS_REC"));
        }
        open(root);
        plan.mounts().forEach(mount -> mount(root, mount));
        step(Failure.alert("failed to chdir(" + root + ") %E"), Call.FCHDIR, rootFd);
        if (pivot) {
            step(Failure.alert("failed to pivot_root %E"), Call.PIVOT_ROOT, text("."), text("."));
            step(Failure.alert("failed to umount old root directory %E"), Call.UMOUNT2, text("."),
                Arg.flags(Kernel.MNT_DETACH, "MNT_DETACH"));
        } else {
            step(Failure.alert("chroot(" + root + ") %E"), Call.CHROOT, text("."));
        }
        step(Failure.alert("chdir(\"/\") %E"), Call.CHDIR, text("/"));
        close();
    }

    private void close() {
        step(Failure.alert(""), Call.CLOSE, rootFd).anyway();
        step(Failure.alert(""), Call.CLOSE, directoryFd).anyway();
    }

    private void open(String root) {
        Arg.Slot opened = new Arg.Slot("fd");
        step(Failure.alert("open rootfs(" + root + ") %E"), Call.OPENAT, Arg.flags(Kernel.AT_FDCWD, "AT_FDCWD"),
            text(root), path(0), Arg.num(0)).save(opened);
        keep(ROOTFS, opened, rootFd);
    }

    private void mount(String root, Mount mount) {
        String setting = "mount " + mount.target();
        String path = root + mount.target();
        String texts = String.format("mount(\"%s\", \"%s\", \"%s\", %d, \"%s\") %%E", mount.source(), path,
            mount.type().fileSystem(), mount.bits(), mount.data());
        if (mount.type() == Mount.Type.FILE) {
            file(setting, root, mount);
            Arg.Slot tree = new Arg.Slot("tree");
            assembly.step(setting, Failure.alert(texts), Call.OPEN_TREE, Arg.flags(Kernel.AT_FDCWD, "AT_FDCWD"),
                text(mount.source()), Arg.flags(Kernel.OPEN_TREE_CLONE | Kernel.O_CLOEXEC,
                    "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC")).save(tree);
            assembly.step(setting, Failure.alert(texts), Call.MOVE_MOUNT, tree, text(""), directoryFd, text(""),
                Arg.flags(Kernel.MOVE_MOUNT_EMPTY_PATHS, "MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH"));
            return;
        }
        destination(setting, root, names(mount));
        assembly.step(setting, Failure.alert("fchdir(" + path + ") %E"), Call.FCHDIR, directoryFd);
        assembly.step(setting, Failure.alert(texts), Call.MOUNT, text(mount.source()), text("."),
            text(mount.type().fileSystem()), Arg.flags(mount.bits(), mount.flagText()), text(mount.data()));
    }

    /** Opens the file at the target as {@link #directoryFd}, making it and its directories where they are missing. */
    private void file(String setting, String root, Mount mount) {
        List<String> names = names(mount);
        destination(setting, root, parent(names));
        Failure failure = Failure.alert("open(" + root + mount.target() + ") %E");
        Arg name = text(names.getLast());
        Draft.Label found = new Draft.Label();
        Arg.Slot opened = new Arg.Slot("fd");
        place(setting, failure, name, opened).anyway().jumpOnSuccess(found);
        Arg.Slot made = new Arg.Slot("made");
        assembly.step(setting, failure, Call.OPENAT, directoryFd, name, Arg.flags(Kernel.O_CREAT | Kernel.O_EXCL
            | Kernel.O_CLOEXEC, "O_CREAT|O_EXCL|O_CLOEXEC"), Arg.flags(0666, "0666")).save(made);
        assembly.step(setting, failure, Call.CLOSE, made).anyway();
        place(setting, failure, name, opened);
        assembly.place(found);
        keep(setting, opened, directoryFd);
    }

    private Draft place(String setting, Failure failure, Arg name, Arg.Slot to) {
        Arg flags = Arg.flags(Kernel.O_PATH | Kernel.O_CLOEXEC | assembly.architecture().noFollow(),
            "O_PATH|O_CLOEXEC|O_NOFOLLOW");
        return assembly.step(setting, failure, Call.OPENAT, directoryFd, name, flags, Arg.num(0)).save(to);
    }

    /** Opens a directory as {@link #directoryFd}, making it where it is missing. */
    private void destination(String setting, String root, List<String> names) {
        Draft.Label found = new Draft.Label();
        Arg.Slot opened = new Arg.Slot("fd");
        beneath(setting, relative(names), Failure.alert(""), opened).anyway().jumpOnSuccess(found);
        Arg parent = rootFd;
        for (int i = 0; i < names.size(); i++) {
            boolean last = i == names.size() - 1;
            Arg.Slot step = last ? opened : new Arg.Slot("fd");
            descend(setting, root, String.join("/", names.subList(0, i + 1)), parent, names.get(i), step);
            if (!last) {
                keep(setting, step, directoryFd);
            }
            parent = directoryFd;
        }
        assembly.place(found);
        keep(setting, opened, directoryFd);
    }

    private void descend(String setting, String root, String prefix, Arg parent, String name, Arg.Slot opened) {
        Failure make = Failure.alert("mkdir(" + root + "/" + prefix + ") %E");
        assembly.step(setting, make, Call.MKDIRAT, parent, text(name), Arg.flags(0777, "0777"))
            .accept(-Kernel.EEXIST, "EEXIST");
        Draft.Label found = new Draft.Label();
        beneath(setting, prefix, make, opened).anyway().jumpOnSuccess(found);
        assembly.step(setting, make, Call.OPENAT, parent, text(name), path(assembly.architecture().noFollow()),
            Arg.num(0)).save(opened);
        assembly.place(found);
    }

    private static List<String> names(Mount mount) {
        return Arrays.stream(mount.target().split("/")).filter(name -> !name.isEmpty() && !name.equals(".")).toList();
    }

    private static List<String> parent(List<String> names) {
        return names.subList(0, names.size() - 1);
    }

    private static String relative(List<String> names) {
        return names.isEmpty() ? "." : String.join("/", names);
    }

    private Draft beneath(String setting, String relative, Failure failure, Arg.Slot to) {
        byte[] how = Pool.buffer(24).putLong(Kernel.O_PATH | Kernel.O_CLOEXEC | assembly.architecture().directory())
            .putLong(0).putLong(Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_MAGICLINKS).array();
        return assembly.step(setting, failure, Call.OPENAT2, rootFd, text(relative),
            Arg.bytes(assembly.pool(), how, "{O_PATH|O_DIRECTORY|O_CLOEXEC, RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}"),
            Arg.num(how.length)).save(to);
    }

    /** Moves an opened descriptor to a fixed number, so that later steps can name it. */
    private void keep(String setting, Arg.Slot opened, Arg number) {
        Arg.Slot copy = new Arg.Slot("copy");
        Failure failure = Failure.alert("dup3() failed %E");
        assembly.step(setting, failure, Call.LOOK, new Arg.AddressOf(opened), Arg.flags(0xffffffffL, "0xffffffff"))
            .save(copy);
        assembly.step(setting, failure, Call.DUP3, opened, number, Arg.flags(Kernel.O_CLOEXEC, "O_CLOEXEC"));
        assembly.step(setting, failure, Call.CLOSE, copy).anyway();
    }

    private void mountRoot(Failure failure, String source, String target, Arg flags) {
        step(failure, Call.MOUNT, text(source), text(target), Arg.none(), flags, Arg.none());
    }

    private Arg path(int more) {
        return Arg.flags(Kernel.O_PATH | Kernel.O_CLOEXEC | assembly.architecture().directory() | more,
            "O_PATH|O_DIRECTORY|O_CLOEXEC" + (more == 0 ? "" : "|O_NOFOLLOW"));
    }

    private Draft step(Failure failure, Call call, Arg... args) {
        return assembly.step(ROOTFS, failure, call, args);
    }

    private Arg text(String value) {
        return Arg.text(assembly.pool(), value);
    }
}
