;; SPDX-License-Identifier: Apache-2.0
;; The code of the test's component: the second byte of the path says what it does.
(module
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.0" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
  (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $directories (param i32)))
  (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.0" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.scheme" (func $scheme (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.authority" (func $authority (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.consume" (func $consume (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-body.stream" (func $stream (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-response.set-status-code"
    (func $status (param i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-response.body" (func $body (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-body.write" (func $out (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i32 i32)))

  (memory (export "memory") 16)
  ;; What is allocated for the host begins here anew with each piece of a body.
  (global $top (mut i32) (i32.const 65536))
  (data (i32.const 1024) "X-Made-By" "component" "1" "2" "hello " "http" "https" " ")

  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func $say (param $to i32) (param $at i32) (param $length i32)
    (call $write (local.get $to) (local.get $at) (local.get $length) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then (unreachable))))

  ;; Two fields of one name.
  (func $head (result i32)
    (local $made i32)
    (local.set $made (call $fields))
    (call $append (local.get $made) (i32.const 1024) (i32.const 9) (i32.const 1033) (i32.const 9) (i32.const 0))
    (call $append (local.get $made) (i32.const 1024) (i32.const 9) (i32.const 1042) (i32.const 1) (i32.const 0))
    (local.get $made))

  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $param i32)
    (local $answer i32) (local $to i32) (local $kind i32) (local $from i32)
    (call $path (local.get $request) (i32.const 64))
    (local.set $kind (i32.load8_u offset=1 (i32.load (i32.const 68))))
    ;; /trap
    (if (i32.eq (local.get $kind) (i32.const 116)) (then (unreachable)))
    ;; /none
    (if (i32.eq (local.get $kind) (i32.const 110)) (then (return)))
    ;; /wrong
    (if (i32.eq (local.get $kind) (i32.const 119))
      (then
        (call $set (local.get $param) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        (return)))
    ;; /infinite
    (if (i32.eq (local.get $kind) (i32.const 105)) (then (loop $again (br $again))))
    (local.set $answer (call $response (call $head)))
    ;; /made
    (if (i32.eq (local.get $kind) (i32.const 109))
      (then (drop (call $status (local.get $answer) (i32.const 201)))))
    (call $body (local.get $answer) (i32.const 16))
    (call $out (i32.load (i32.const 20)) (i32.const 24))
    (local.set $to (i32.load (i32.const 28)))
    (call $set (local.get $param) (i32.const 0) (local.get $answer) (i32.const 0) (i32.const 0) (i32.const 0))
    ;; /late
    (if (i32.eq (local.get $kind) (i32.const 108))
      (then (call $say (local.get $to) (i32.const 1044) (i32.const 6)) (unreachable)))
    ;; /directories
    (if (i32.eq (local.get $kind) (i32.const 100))
      (then
        (call $directories (i32.const 32))
        (loop $more
          (if (i32.load (i32.const 36))
            (then
              (call $say (local.get $to) (i32.load offset=4 (i32.load (i32.const 32)))
                (i32.load offset=8 (i32.load (i32.const 32))))
              (i32.store (i32.const 32) (i32.add (i32.load (i32.const 32)) (i32.const 12)))
              (i32.store (i32.const 36) (i32.sub (i32.load (i32.const 36)) (i32.const 1)))
              (br $more))))
        (return)))
    ;; /echo
    (if (i32.eq (local.get $kind) (i32.const 101))
      (then
        (call $consume (local.get $request) (i32.const 16))
        (call $stream (i32.load (i32.const 20)) (i32.const 24))
        (local.set $from (i32.load (i32.const 28)))
        (loop $more
          (global.set $top (i32.const 65536))
          (call $read (local.get $from) (i64.const 65536) (i32.const 32))
          (if (i32.eqz (i32.load8_u (i32.const 32)))
            (then
              (call $say (local.get $to) (i32.load (i32.const 36)) (i32.load (i32.const 40)))
              (br $more))))
        (return)))
    (call $say (local.get $to) (i32.const 1044) (i32.const 6))
    (call $say (local.get $to) (i32.load (i32.const 68)) (i32.load (i32.const 72)))
    (call $say (local.get $to) (i32.const 1059) (i32.const 1))
    (call $scheme (local.get $request) (i32.const 80))
    (if (i32.load8_u (i32.const 84))
      (then (call $say (local.get $to) (i32.const 1054) (i32.const 5)))
      (else (call $say (local.get $to) (i32.const 1050) (i32.const 4))))
    (call $say (local.get $to) (i32.const 1059) (i32.const 1))
    (call $authority (local.get $request) (i32.const 96))
    (call $say (local.get $to) (i32.load (i32.const 100)) (i32.load (i32.const 104)))))
