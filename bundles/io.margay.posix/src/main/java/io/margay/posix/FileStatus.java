// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

/**
 * What the kernel knows of a file.
 *
 * @param mode type and permission bits
 * @param size bytes
 * @param device number of the device, unique together with {@code inode}
 * @param modifiedSeconds time of the last change of content, seconds since 1970
 * @param modifiedNanos the rest in nanoseconds
 * @param changedSeconds time of the last change of content or of the inode, which nobody can set, seconds since 1970
 * @param changedNanos the rest in nanoseconds
 */
public record FileStatus(int mode, long size, long inode, long device, int links, int uid, int gid,
    long modifiedSeconds, int modifiedNanos, long changedSeconds, int changedNanos) {
    private static final int TYPE = 0xF000;

    /** Whether it is a directory. */
    public boolean isDirectory() {
        return (mode & TYPE) == 0x4000;
    }

    /** Whether it is a regular file. */
    public boolean isRegular() {
        return (mode & TYPE) == 0x8000;
    }

    /** Whether it is a symbolic link, seen only by calls that do not follow them. */
    public boolean isLink() {
        return (mode & TYPE) == 0xA000;
    }

    /** Whether it is a unix socket. */
    public boolean isSocket() {
        return (mode & TYPE) == 0xC000;
    }

    /** The permission bits with set-id and sticky. */
    public int permissions() {
        return mode & 0xFFF;
    }
}
