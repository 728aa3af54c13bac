;; SPDX-License-Identifier: Apache-2.0
;; The module of all languages as a component: what Unit's interface offers it is made of WASI 0.2 here.
(module
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
    (func $put (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.0" "[method]input-stream.blocking-read" (func $get (param i32 i64 i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $until (param i32)))
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $after (param i64) (result i32)))
  (import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stderr (result i32)))
  (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $directories (param i32)))
  (import "wasi:filesystem/types@0.2.0" "[method]descriptor.open-at"
    (func $open-at (param i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:filesystem/types@0.2.0" "[method]descriptor.read" (func $read-at (param i32 i64 i64 i32)))
  (import "wasi:filesystem/types@0.2.0" "[resource-drop]descriptor" (func $drop (param i32)))
  (import "wasi:http/types@0.2.0" "[constructor]fields" (func $new-fields (result i32)))
  (import "wasi:http/types@0.2.0" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.consume" (func $consume (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-body.stream" (func $stream (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-response" (func $new-response (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-response.set-status-code"
    (func $set-code (param i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-response.body" (func $new-body (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-body.write" (func $out (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i32 i32)))

  ;; INCLUDE

  ;; What is allocated for the host: in the middle of the block, where no answer has anything.
  (global $top (mut i32) (i32.const 20000000))
  (global $code (mut i32) (i32.const 200))
  (global $answer-to (mut i32) (i32.const 0))
  ;; The stream of the answer, once it has begun.
  (global $to (mut i32) (i32.const 0))

  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func $status (param $code i32) (global.set $code (local.get $code)))

  (func $begin (param $head i32) (local $answer i32)
    (local.set $answer (call $new-response (local.get $head)))
    (if (call $set-code (local.get $answer) (global.get $code)) (then unreachable))
    (call $new-body (local.get $answer) (i32.const 16))
    (call $out (i32.load (i32.const 20)) (i32.const 24))
    (global.set $to (i32.load (i32.const 28)))
    (call $set (global.get $answer-to) (i32.const 0) (local.get $answer) (i32.const 0) (i32.const 0) (i32.const 0)))

  (func $fields (param $at i32) (local $head i32) (local $left i32) (local $entry i32)
    (local.set $head (call $new-fields))
    (local.set $at (i32.add (global.get $block) (local.get $at)))
    (local.set $left (i32.load (local.get $at)))
    (local.set $entry (local.get $at))
    (loop $more
      (if (local.get $left) (then
        (call $append (local.get $head)
          (i32.add (local.get $at) (i32.load offset=4 (local.get $entry))) (i32.load offset=8 (local.get $entry))
          (i32.add (local.get $at) (i32.load offset=12 (local.get $entry))) (i32.load offset=16 (local.get $entry))
          (i32.const 0))
        (if (i32.load8_u (i32.const 0)) (then unreachable))
        (local.set $entry (i32.add (local.get $entry) (i32.const 16)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $more))))
    (call $begin (local.get $head)))

  (func $end
    (if (i32.eqz (global.get $to)) (then (call $begin (call $new-fields)))))

  (func $body (param $at i32)
    (call $end)
    (local.set $at (i32.add (global.get $block) (local.get $at)))
    (call $put (global.get $to) (i32.add (local.get $at) (i32.const 4)) (i32.load (local.get $at)) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then unreachable)))

  ;; Of preview 1 as much as the module uses.
  (func $write (param $file i32) (param $parts i32) (param i32 i32) (result i32)
    (call $put (call $stderr) (i32.load (local.get $parts)) (i32.load offset=4 (local.get $parts)) (i32.const 0))
    (i32.load8_u (i32.const 0)))

  (func $open (param i32 i32) (param $name i32) (param $length i32) (param i32 i64 i64 i32) (param $file i32)
    (result i32)
    (call $directories (i32.const 32))
    (call $open-at (i32.load (i32.load (i32.const 32))) (i32.const 0) (local.get $name) (local.get $length)
      (i32.const 0) (i32.const 1) (i32.const 48))
    (i32.store (local.get $file) (i32.load (i32.const 52)))
    (i32.load8_u (i32.const 48)))

  (func $read (param $file i32) (param $parts i32) (param i32 i32) (result i32)
    (call $read-at (local.get $file) (i64.extend_i32_u (i32.load offset=4 (local.get $parts))) (i64.const 0)
      (i32.const 48))
    (memory.copy (i32.load (local.get $parts)) (i32.load (i32.const 52)) (i32.load (i32.const 56)))
    (i32.load8_u (i32.const 48)))

  (func $close (param $file i32) (result i32) (call $drop (local.get $file)) (i32.const 0))

  (func $poll (param $what i32) (param i32 i32 i32) (result i32)
    (call $until (call $after (i64.load offset=24 (local.get $what))))
    (i32.const 0))

  ;; One call of the module's handler; a piece of the body if more of it is to come.
  (func $call (param $at i32) (param $length i32) (param $more i64)
    (i64.store offset=64 (global.get $block) (local.get $more))
    (i64.store offset=72 (global.get $block) (i64.const 0))
    (i32.store offset=80 (global.get $block) (local.get $length))
    (i32.store offset=84 (global.get $block) (i32.sub (local.get $at) (global.get $block)))
    (if (call $request_handler (global.get $block)) (then unreachable)))

  (func $target (param $at i32) (param $length i32) (local $i i32)
    (block $found
      (loop $next
        (br_if $found (i32.eq (local.get $i) (local.get $length)))
        (br_if $found (i32.eq (i32.load8_u (i32.add (local.get $at) (local.get $i))) (i32.const 63)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (i32.store offset=16 (global.get $block) (i32.sub (local.get $at) (global.get $block)))
    (i32.store offset=20 (global.get $block) (local.get $i))
    (if (i32.lt_u (local.get $i) (local.get $length)) (then
      (local.set $i (i32.add (local.get $i) (i32.const 1)))))
    (i32.store offset=24 (global.get $block) (i32.sub (i32.add (local.get $at) (local.get $i)) (global.get $block)))
    (i32.store offset=28 (global.get $block) (i32.sub (local.get $length) (local.get $i))))

  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $answer i32)
    (local $from i32) (local $kept i32)
    (global.set $answer-to (local.get $answer))
    (call $module_init_handler)
    (call $request_init_handler)
    (call $path (local.get $request) (i32.const 64))
    (call $target (i32.load (i32.const 68)) (i32.load (i32.const 72)))
    (local.set $kept (global.get $top))
    (call $consume (local.get $request) (i32.const 16))
    (call $stream (i32.load (i32.const 20)) (i32.const 24))
    (local.set $from (i32.load (i32.const 28)))
    (loop $more
      (global.set $top (local.get $kept))
      (call $get (local.get $from) (i64.const 65536) (i32.const 32))
      (if (i32.eqz (i32.load8_u (i32.const 32))) (then
        (call $call (i32.load (i32.const 36)) (i32.load (i32.const 40)) (i64.const 1))
        (br $more))))
    (call $call (global.get $block) (i32.const 0) (i64.const 0))))
