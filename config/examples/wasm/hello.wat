;; SPDX-License-Identifier: Apache-2.0
;; A module with the ABI of Unit that greets and counts. The demo assembles it by wat2wasm of Debian's package wabt.
(module
  (import "env" "nxt_wasm_send_headers" (func $headers (param i32)))
  (import "env" "nxt_wasm_send_response" (func $response (param i32)))
  (import "env" "nxt_wasm_response_end" (func $end))

  ;; The block that the server writes requests to and reads answers from begins at 65536 and has 32 MiB and 64 KiB.
  ;; Numbers that functions are called with are offsets in it; what is at 33554432 and behind is never overwritten.
  (memory (export "memory") 520)
  (global $block i32 (i32.const 65536))
  (global $served (mut i32) (i32.const 0))

  ;; One field: how many there are, then offsets and lengths of name and value, counted from here; then the texts.
  (data (i32.const 33619968) "\01\00\00\00\14\00\00\00\0c\00\00\00\20\00\00\00\0a\00\00\00Content-Typetext/plain")

  ;; A length, then so many bytes; the path and the number of the request follow.
  (data (i32.const 33620068) "\20\00\00\00Hello from WebAssembly, request ")

  ;; Called once, for the block.
  (func (export "malloc") (param i32) (result i32) (global.get $block))
  (func (export "free") (param i32))

  ;; Writes a number in decimal with its last digit before an address; gives the address of its first digit.
  (func $decimal (param $number i32) (param $at i32) (result i32)
    (loop $more
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10))))
      (local.set $number (i32.div_u (local.get $number) (i32.const 10)))
      (br_if $more (local.get $number)))
    (local.get $at))

  ;; Sends the bytes between two addresses: their length is put before them.
  (func $send (param $from i32) (param $to i32)
    (i32.store (i32.sub (local.get $from) (i32.const 4)) (i32.sub (local.get $to) (local.get $from)))
    (call $response (i32.sub (i32.sub (local.get $from) (i32.const 4)) (global.get $block))))

  ;; Serves the request at the address; 0 says that all is well.
  (func (export "request_handler") (param $request i32) (result i32)
    (local $path i32)
    (call $headers (i32.const 33554432))
    (call $response (i32.const 33554532))
    (global.set $served (i32.add (global.get $served) (i32.const 1)))
    (call $send (call $decimal (global.get $served) (i32.const 33620168)) (i32.const 33620168))
    ;; Offset and length of the path are at 16 and 20; behind its last byte is a zero that becomes the end of the line,
    ;; and what stands before it is no longer needed.
    (local.set $path (i32.add (local.get $request) (i32.load (i32.add (local.get $request) (i32.const 16)))))
    (i32.store8 (i32.add (local.get $path) (i32.load (i32.add (local.get $request) (i32.const 20)))) (i32.const 10))
    (i32.store8 (i32.sub (local.get $path) (i32.const 1)) (i32.const 32))
    (call $send
      (i32.sub (local.get $path) (i32.const 1))
      (i32.add (i32.add (local.get $path) (i32.load (i32.add (local.get $request) (i32.const 20)))) (i32.const 1)))
    (call $end)
    (i32.const 0)))
