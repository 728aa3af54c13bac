;; SPDX-License-Identifier: Apache-2.0
;; The code of a component that greets: wasi:http/proxy. The demo makes the component of it by the tools of jco.
(module
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.0" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-response.body" (func $body (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-body.write" (func $out (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i32 i32)))

  (memory (export "memory") 16)
  (global $top (mut i32) (i32.const 65536))
  (data (i32.const 1024) "Content-Typetext/plainHello from a component \0a")

  ;; An instance serves one request, so nothing is ever freed.
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  ;; What is called leaves its results at small addresses, the path as "some, address, length".
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $param i32)
    (local $made i32) (local $answer i32) (local $to i32)
    (call $path (local.get $request) (i32.const 64))
    (local.set $made (call $fields))
    (call $append (local.get $made) (i32.const 1024) (i32.const 12) (i32.const 1036) (i32.const 10) (i32.const 0))
    (local.set $answer (call $response (local.get $made)))
    (call $body (local.get $answer) (i32.const 16))
    (call $out (i32.load (i32.const 20)) (i32.const 24))
    (local.set $to (i32.load (i32.const 28)))
    (call $set (local.get $param) (i32.const 0) (local.get $answer) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $write (local.get $to) (i32.const 1046) (i32.const 23) (i32.const 0))
    (call $write (local.get $to) (i32.load (i32.const 68)) (i32.load (i32.const 72)) (i32.const 0))
    (call $write (local.get $to) (i32.const 1069) (i32.const 1) (i32.const 0))))
