// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessageTypeTest {

    @ParameterizedTest
    @CsvSource({"0,RPC_READY", "1,RPC_ERROR", "2,START_PROCESS", "3,SOCKET", "4,SOCKET_UNLINK", "5,MODULES",
        "6,CONF_STORE", "7,CERT_GET", "8,CERT_DELETE", "9,SCRIPT_GET", "10,SCRIPT_DELETE", "11,ACCESS_LOG",
        "12,CHANGE_FILE", "13,NEW_PORT", "14,GET_PORT", "15,PORT_ACK", "16,MMAP", "17,GET_MMAP", "18,PROCESS_CREATED",
        "19,PROCESS_READY", "20,WHOAMI", "21,REMOVE_PID", "22,QUIT", "23,REQ_HEADERS", "24,REQ_HEADERS_ACK",
        "25,REQ_BODY", "26,WEBSOCKET", "27,DATA", "28,APP_RESTART", "29,STATUS", "30,OOSM", "31,SHM_ACK",
        "32,READ_QUEUE", "33,READ_SOCKET", "34,QUERY", "35,MODULE", "36,MODULE_RELEASED", "37,MODULE_USERS",
        "38,READERS", "39,INSPECT", "40,CONF_APPLY", "41,CONF_REJECTED", "42,CONTROL_READY", "43,CERT_CHANGED",
        "44,CERT_STORE", "45,SCRIPT_STORE", "46,PROCESS_CHANGED", "47,MODULE_ORDER", "48,SHELL_ORDER",
        "49,PROCESS_ORDER", "50,ROUTER_TAKEN", "51,RETIRE", "52,SOCKETS", "53,COUNTERS", "54,HANDOVER",
        "55,LOG_NAMES"})
    void numberAndNameAreThoseOfTheTable(int number, String name) throws ReflectiveOperationException {
        assertEquals(name, MessageType.name(number));
        Field constant = MessageType.class.getField(name);
        assertEquals(number, constant.getInt(null));
        assertEquals(true, MessageType.known(number));
    }

    @Test
    void everythingElseIsUnknown() {
        assertFalse(MessageType.known(MessageType.COUNT));
        assertTrue(MessageType.known(MessageType.COUNT - 1));
        for (int number : new int[] {-1, MessageType.COUNT, 255, Integer.MAX_VALUE}) {
            assertEquals(false, MessageType.known(number));
            assertEquals(Integer.toString(number), MessageType.name(number));
        }
    }
}
