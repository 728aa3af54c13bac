// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers of errors, by the system's own words for them. */
class ErrnoTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        EPERM          | 1    | Operation not permitted
        ENOENT         | 2    | No such file or directory
        ESRCH          | 3    | No such process
        EINTR          | 4    | Interrupted system call
        EIO            | 5    | Input/output error
        ENXIO          | 6    | No such device or address
        EBADF          | 9    | Bad file descriptor
        ECHILD         | 10   | No child processes
        EAGAIN         | 11   | Resource temporarily unavailable
        ENOMEM         | 12   | Cannot allocate memory
        EACCES         | 13   | Permission denied
        EFAULT         | 14   | Bad address
        EBUSY          | 16   | Device or resource busy
        EEXIST         | 17   | File exists
        EXDEV          | 18   | Invalid cross-device link
        ENODEV         | 19   | No such device
        ENOTDIR        | 20   | Not a directory
        EISDIR         | 21   | Is a directory
        EINVAL         | 22   | Invalid argument
        ENFILE         | 23   | Too many open files in system
        EMFILE         | 24   | Too many open files
        EFBIG          | 27   | File too large
        ENOSPC         | 28   | No space left on device
        ESPIPE         | 29   | Illegal seek
        EROFS          | 30   | Read-only file system
        EPIPE          | 32   | Broken pipe
        ERANGE         | 34   | Numerical result out of range
        ENAMETOOLONG   | 36   | File name too long
        ENOSYS         | 38   | Function not implemented
        ENOTEMPTY      | 39   | Directory not empty
        ELOOP          | 40   | Too many levels of symbolic links
        EPROTO         | 71   | Protocol error
        ENOTSOCK       | 88   | Socket operation on non-socket
        EMSGSIZE       | 90   | Message too long
        EPROTOTYPE     | 91   | Protocol wrong type for socket
        EOPNOTSUPP     | 95   | Operation not supported
        EAFNOSUPPORT   | 97   | Address family not supported by protocol
        EADDRINUSE     | 98   | Address already in use
        EADDRNOTAVAIL  | 99   | Cannot assign requested address
        ENETUNREACH    | 101  | Network is unreachable
        ECONNABORTED   | 103  | Software caused connection abort
        ECONNRESET     | 104  | Connection reset by peer
        ENOBUFS        | 105  | No buffer space available
        EISCONN        | 106  | Transport endpoint is already connected
        ENOTCONN       | 107  | Transport endpoint is not connected
        ETIMEDOUT      | 110  | Connection timed out
        ECONNREFUSED   | 111  | Connection refused
        EHOSTUNREACH   | 113  | No route to host
        EALREADY       | 114  | Operation already in progress
        EINPROGRESS    | 115  | Operation now in progress
        """)
    void numbersAndTexts(String name, int number, String text) throws ReflectiveOperationException {
        assertEquals(number, Errno.class.getField(name).getInt(null));
        assertEquals(text, PosixException.text(number));
        assertEquals("(" + number + ": " + text + ")", PosixException.describe(number));
        PosixException e = new PosixException("call(\"x\")", number);
        assertEquals("call(\"x\") failed (" + number + ": " + text + ")", e.getMessage());
        assertEquals(number, e.errno());
    }

    @Test
    void everyNumberIsInTheTableAndThereOnce() throws ReflectiveOperationException {
        Set<Integer> numbers = new HashSet<>();
        Set<String> names = new TreeSet<>();
        for (Field field : Errno.class.getFields()) {
            names.add(field.getName());
            assertTrue(numbers.add(field.getInt(null)), field::getName);
        }
        CsvSource table = ErrnoTest.class.getDeclaredMethod("numbersAndTexts", String.class, int.class, String.class)
            .getAnnotation(CsvSource.class);
        Set<String> rows = new TreeSet<>();
        table.textBlock().lines().forEach(row -> rows.add(row.split("[ |]")[0]));
        assertEquals(names, rows);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 41, 58, 134, 1000, -1, Integer.MAX_VALUE})
    void numbersWithoutANameHaveATextToo(int number) {
        String text = PosixException.text(number);
        assertTrue(number == 0 ? text.equals("Success") : text.equals("Unknown error " + number), text);
    }

    /** Each thread has the error of its own call. */
    @Test
    void errorsOfThreadsAreTheirOwn() throws InterruptedException {
        int[] seen = new int[2];
        Thread[] threads = new Thread[2];
        for (int t = 0; t < 2; t++) {
            int own = t;
            threads[t] = new Thread(() -> {
                for (int i = 0; i < 2_000; i++) {
                    int errno = assertThrows(PosixException.class, () -> {
                        if (own == 0) {
                            Files.unlink("/no/such/file");
                        } else {
                            Files.fsync(Fd.own(9_999));
                        }
                    }).errno();
                    seen[own] += errno == (own == 0 ? Errno.ENOENT : Errno.EBADF) ? 1 : 0;
                }
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(2_000, seen[0]);
        assertEquals(2_000, seen[1]);
    }
}
