;; SPDX-License-Identifier: Apache-2.0
;; The questions that the test of all languages asks, each path is one; a module with the functions of Unit.
;; The block of requests and answers is at 65536; what is behind it is the module's own.
(module
  (import "env" "nxt_wasm_set_resp_status" (func $status (param i32)))
  (import "env" "nxt_wasm_send_headers" (func $fields (param i32)))
  (import "env" "nxt_wasm_send_response" (func $body (param i32)))
  (import "env" "nxt_wasm_response_end" (func $end))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 516)
  (global $block i32 (i32.const 65536))
  ;; A part of the pattern, with its size before it: in the block, behind what requests use.
  (global $pattern i32 (i32.const 33619968))
  (global $part i32 (i32.const 64256))
  ;; Of this request: a letter for the question, its argument, whether the question is known.
  (global $argument (mut i32) (i32.const 0))
  (global $asked (mut i32) (i32.const 0))
  ;; Of the digest: bytes so far, bytes that wait for the rest of their 64.
  (global $total (mut i64) (i64.const 0))
  (global $waiting (mut i32) (i32.const 0))

  ;; 33685504: words of SHA-256; +256 where it begins; +288 where it is; +320 its schedule; +576 what waits.
  (data (i32.const 33685504)
    "\98\2f\8a\42\91\44\37\71\cf\fb\c0\b5\a5\db\b5\e9\5b\c2\56\39\f1\11\f1\59\a4\82\3f\92\d5\5e\1c\ab"
    "\98\aa\07\d8\01\5b\83\12\be\85\31\24\c3\7d\0c\55\74\5d\be\72\fe\b1\de\80\a7\06\dc\9b\74\f1\9b\c1"
    "\c1\69\9b\e4\86\47\be\ef\c6\9d\c1\0f\cc\a1\0c\24\6f\2c\e9\2d\aa\84\74\4a\dc\a9\b0\5c\da\88\f9\76"
    "\52\51\3e\98\6d\c6\31\a8\c8\27\03\b0\c7\7f\59\bf\f3\0b\e0\c6\47\91\a7\d5\51\63\ca\06\67\29\29\14"
    "\85\0a\b7\27\38\21\1b\2e\fc\6d\2c\4d\13\0d\38\53\54\73\0a\65\bb\0a\6a\76\2e\c9\c2\81\85\2c\72\92"
    "\a1\e8\bf\a2\4b\66\1a\a8\70\8b\4b\c2\a3\51\6c\c7\19\e8\92\d1\24\06\99\d6\85\35\0e\f4\70\a0\6a\10"
    "\16\c1\a4\19\08\6c\37\1e\4c\77\48\27\b5\bc\b0\34\b3\0c\1c\39\4a\aa\d8\4e\4f\ca\9c\5b\f3\6f\2e\68"
    "\ee\82\8f\74\6f\63\a5\78\14\78\c8\84\08\02\c7\8c\fa\ff\be\90\eb\6c\50\a4\f7\a3\f9\be\f2\78\71\c6"
    "\67\e6\09\6a\85\ae\67\bb\72\f3\6e\3c\3a\f5\4f\a5\7f\52\0e\51\8c\68\05\9b\ab\d9\83\1f\19\cd\e0\5b")
  ;; +1024: texts.
  (data (i32.const 33686528) "Content-TypeContent-LengthX-Longtext/plain")
  (data (i32.const 33686592) "Hello world\nsome bytesbodystat0123456789abcdef")
  (data (i32.const 33686656) "raised by the application\nraised after the head\nlast words\nto be killed: ")
  ;; +2048: questions, each with its length before it.
  (data (i32.const 33687552) "\06/hello\07/digest\06/bytes\06/sized\04/pid\06/sleep\06/raise\05/half\07/killed"
    "\0e/killedreading\0e/killedsending\07/status\06/field\00")

  (func (export "malloc_handler") (param i32) (result i32) (global.get $block))
  (func (export "free_handler") (param i32))

  (func (export "module_init_handler") (local $i i32)
    (i32.store (global.get $pattern) (global.get $part))
    (loop $more
      (i32.store8 offset=4 (i32.add (global.get $pattern) (local.get $i))
        (i32.rem_u (local.get $i) (i32.const 251)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $i) (global.get $part)))))

  (func (export "request_init_handler")
    (global.set $asked (i32.const 0))
    (global.set $total (i64.const 0))
    (global.set $waiting (i32.const 0))
    (memory.copy (i32.const 33685792) (i32.const 33685760) (i32.const 32)))

  ;; The number of the question, from 1.
  (func $question (result i32) (local $at i32) (local $number i32) (local $length i32) (local $i i32)
    (local.set $at (i32.const 33687552))
    (local.set $number (i32.const 1))
    (block $none
      (loop $next
        (local.set $length (i32.load8_u (local.get $at)))
        (br_if $none (i32.eqz (local.get $length)))
        (block $other
          (br_if $other (i32.ne (local.get $length) (i32.load offset=20 (global.get $block))))
          (local.set $i (i32.const 0))
          (loop $byte
            (br_if $other (i32.ne
              (i32.load8_u offset=1 (i32.add (local.get $at) (local.get $i)))
              (i32.load8_u (i32.add (i32.add (global.get $block) (i32.load offset=16 (global.get $block)))
                (local.get $i)))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $byte (i32.lt_u (local.get $i) (local.get $length))))
          (return (local.get $number)))
        (local.set $number (i32.add (local.get $number) (i32.const 1)))
        (local.set $at (i32.add (i32.add (local.get $at) (local.get $length)) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func $ask (local $at i32) (local $last i32)
    (global.set $asked (call $question))
    (global.set $argument (i32.const 0))
    (local.set $at (i32.add (global.get $block) (i32.load offset=24 (global.get $block))))
    (local.set $last (i32.add (local.get $at) (i32.load offset=28 (global.get $block))))
    (block $done
      (loop $digit
        (br_if $done (i32.ge_u (local.get $at) (local.get $last)))
        (global.set $argument (i32.add (i32.mul (global.get $argument) (i32.const 10))
          (i32.sub (i32.load8_u (local.get $at)) (i32.const 48))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $digit))))

  ;; Writes a number in decimal; gives the number of its digits.
  (func $decimal (param $value i32) (param $to i32) (result i32) (local $length i32) (local $left i32)
    (local.set $left (local.get $value))
    (loop $count
      (local.set $length (i32.add (local.get $length) (i32.const 1)))
      (local.set $left (i32.div_u (local.get $left) (i32.const 10)))
      (br_if $count (local.get $left)))
    (local.set $to (i32.add (local.get $to) (local.get $length)))
    (loop $digit
      (local.set $to (i32.sub (local.get $to) (i32.const 1)))
      (i32.store8 (local.get $to) (i32.add (i32.rem_u (local.get $value) (i32.const 10)) (i32.const 48)))
      (local.set $value (i32.div_u (local.get $value) (i32.const 10)))
      (br_if $digit (local.get $value)))
    (local.get $length))

  ;; One entry of the table at the begin of the block.
  (func $entry (param $number i32) (param $name i32) (param $length i32) (param $value i32) (param $size i32)
    (local $at i32)
    (local.set $at (i32.add (global.get $block) (i32.mul (local.get $number) (i32.const 16))))
    (i32.store offset=4 (local.get $at) (local.get $name))
    (i32.store offset=8 (local.get $at) (local.get $length))
    (i32.store offset=12 (local.get $at) (local.get $value))
    (i32.store offset=16 (local.get $at) (local.get $size)))

  ;; Text, with a length if that is not negative. Names and values have their places behind the table.
  (func $head (param $length i32)
    (memory.copy (i32.const 65792) (i32.const 33686528) (i32.const 42))
    (i32.store (global.get $block) (i32.const 1))
    (call $entry (i32.const 0) (i32.const 256) (i32.const 12) (i32.const 288) (i32.const 10))
    (if (i32.ge_s (local.get $length) (i32.const 0)) (then
      (i32.store (global.get $block) (i32.const 2))
      (call $entry (i32.const 1) (i32.const 268) (i32.const 14) (i32.const 400)
        (call $decimal (local.get $length) (i32.const 65936)))))
    (call $fields (i32.const 0)))

  ;; Sends bytes from anywhere.
  (func $send (param $from i32) (param $length i32)
    (i32.store (global.get $block) (local.get $length))
    (memory.copy (i32.const 65540) (local.get $from) (local.get $length))
    (call $body (i32.const 0)))

  (func $text (param $from i32) (param $length i32)
    (call $head (local.get $length))
    (call $send (local.get $from) (local.get $length))
    (call $end))

  ;; Writes to standard error.
  (func $say (param $from i32) (param $length i32)
    (i32.store (i32.const 33689600) (local.get $from))
    (i32.store (i32.const 33689604) (local.get $length))
    (drop (call $write (i32.const 2) (i32.const 33689600) (i32.const 1) (i32.const 33689608))))

  ;; Puts the text of the process id, which is the first word of the file stat of the first directory, to 33690000.
  (func $process (result i32) (local $file i32) (local $length i32)
    (if (call $open (i32.const 3) (i32.const 0) (i32.const 33686618) (i32.const 4) (i32.const 0) (i64.const 2)
      (i64.const 0) (i32.const 0) (i32.const 33689616)) (then unreachable))
    (local.set $file (i32.load (i32.const 33689616)))
    (i32.store (i32.const 33689600) (i32.const 33690000))
    (i32.store (i32.const 33689604) (i32.const 20))
    (if (call $read (local.get $file) (i32.const 33689600) (i32.const 1) (i32.const 33689608)) (then unreachable))
    (drop (call $close (local.get $file)))
    (loop $more
      (local.set $length (i32.add (local.get $length) (i32.const 1)))
      (br_if $more (i32.ne (i32.load8_u (i32.add (i32.const 33690000) (local.get $length))) (i32.const 32))))
    (local.get $length))

  (func $pid (call $text (i32.const 33690000) (call $process)))

  ;; Milliseconds by the monotonic clock.
  (func $wait (param $millis i32)
    (memory.fill (i32.const 33690112) (i32.const 0) (i32.const 48))
    (i32.store (i32.const 33690128) (i32.const 1))
    (i64.store (i32.const 33690136) (i64.mul (i64.extend_i32_u (local.get $millis)) (i64.const 1000000)))
    (if (call $poll (i32.const 33690112) (i32.const 33690176) (i32.const 1) (i32.const 33690240))
      (then unreachable)))

  ;; A module cannot kill its process: it asks for that, and waits.
  (func $die (local $length i32)
    (local.set $length (call $process))
    (call $say (i32.const 33686704) (i32.const 11))
    (i32.store8 (i32.add (i32.const 33690000) (local.get $length)) (i32.const 10))
    (memory.copy (i32.const 33690300) (i32.const 33686715) (i32.const 14))
    (memory.copy (i32.const 33690314) (i32.const 33690000) (i32.add (local.get $length) (i32.const 1)))
    (call $say (i32.const 33690300) (i32.add (local.get $length) (i32.const 15)))
    (call $wait (i32.const 60000)))

  (func $half
    (call $head (i32.const -1))
    (call $send (i32.const 33686604) (i32.const 10)))

  (func $bytes (local $left i32) (local $now i32)
    (local.set $left (global.get $argument))
    (block $done
      (loop $more
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $now (select (local.get $left) (global.get $part)
          (i32.lt_u (local.get $left) (global.get $part))))
        (i32.store (global.get $pattern) (local.get $now))
        (call $body (i32.const 33554432))
        (local.set $left (i32.sub (local.get $left) (local.get $now)))
        (br $more)))
    (i32.store (global.get $pattern) (global.get $part))
    (call $end))

  (func $long
    (i32.store (global.get $block) (i32.const 1))
    (memory.copy (i32.const 65792) (i32.const 33686554) (i32.const 6))
    (memory.fill (i32.const 65836) (i32.const 120) (global.get $argument))
    (call $entry (i32.const 0) (i32.const 256) (i32.const 6) (i32.const 300) (global.get $argument))
    (call $fields (i32.const 0))
    (call $send (i32.const 33686614) (i32.const 4))
    (call $end))

  (func $swapped (param $word i32) (result i32)
    (i32.or (i32.rotl (i32.and (local.get $word) (i32.const 0x00ff00ff)) (i32.const 24))
      (i32.rotl (i32.and (local.get $word) (i32.const 0xff00ff00)) (i32.const 8))))

  ;; Takes 64 bytes into the digest.
  (func $hash (param $from i32) (local $i i32) (local $x i32) (local $y i32) (local $s i32) (local $t i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $e i32) (local $f i32) (local $g i32)
    (local $h i32)
    (loop $word
      (i32.store offset=33685824 (local.get $i) (call $swapped (i32.load (i32.add (local.get $from) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $word (i32.lt_u (local.get $i) (i32.const 64))))
    (loop $more
      (local.set $x (i32.load offset=33685764 (local.get $i)))
      (local.set $y (i32.load offset=33685816 (local.get $i)))
      (i32.store offset=33685824 (local.get $i)
        (i32.add
          (i32.add (i32.load offset=33685760 (local.get $i)) (i32.load offset=33685796 (local.get $i)))
          (i32.add
            (i32.xor (i32.xor (i32.rotr (local.get $x) (i32.const 7)) (i32.rotr (local.get $x) (i32.const 18)))
              (i32.shr_u (local.get $x) (i32.const 3)))
            (i32.xor (i32.xor (i32.rotr (local.get $y) (i32.const 17)) (i32.rotr (local.get $y) (i32.const 19)))
              (i32.shr_u (local.get $y) (i32.const 10))))))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $more (i32.lt_u (local.get $i) (i32.const 256))))
    (local.set $a (i32.load (i32.const 33685792)))
    (local.set $b (i32.load (i32.const 33685796)))
    (local.set $c (i32.load (i32.const 33685800)))
    (local.set $d (i32.load (i32.const 33685804)))
    (local.set $e (i32.load (i32.const 33685808)))
    (local.set $f (i32.load (i32.const 33685812)))
    (local.set $g (i32.load (i32.const 33685816)))
    (local.set $h (i32.load (i32.const 33685820)))
    (local.set $i (i32.const 0))
    (loop $round
      (local.set $s (i32.add
        (i32.add
          (i32.add (local.get $h) (i32.xor (i32.xor (i32.rotr (local.get $e) (i32.const 6))
            (i32.rotr (local.get $e) (i32.const 11))) (i32.rotr (local.get $e) (i32.const 25))))
          (i32.xor (local.get $g) (i32.and (local.get $e) (i32.xor (local.get $f) (local.get $g)))))
        (i32.add (i32.load offset=33685504 (local.get $i)) (i32.load offset=33685824 (local.get $i)))))
      (local.set $t (i32.add
        (i32.xor (i32.xor (i32.rotr (local.get $a) (i32.const 2)) (i32.rotr (local.get $a) (i32.const 13)))
          (i32.rotr (local.get $a) (i32.const 22)))
        (i32.or (i32.and (local.get $a) (local.get $b))
          (i32.and (local.get $c) (i32.or (local.get $a) (local.get $b))))))
      (local.set $h (local.get $g))
      (local.set $g (local.get $f))
      (local.set $f (local.get $e))
      (local.set $e (i32.add (local.get $d) (local.get $s)))
      (local.set $d (local.get $c))
      (local.set $c (local.get $b))
      (local.set $b (local.get $a))
      (local.set $a (i32.add (local.get $s) (local.get $t)))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $round (i32.lt_u (local.get $i) (i32.const 256))))
    (call $more (i32.const 33685792) (local.get $a))
    (call $more (i32.const 33685796) (local.get $b))
    (call $more (i32.const 33685800) (local.get $c))
    (call $more (i32.const 33685804) (local.get $d))
    (call $more (i32.const 33685808) (local.get $e))
    (call $more (i32.const 33685812) (local.get $f))
    (call $more (i32.const 33685816) (local.get $g))
    (call $more (i32.const 33685820) (local.get $h)))

  (func $more (param $at i32) (param $value i32)
    (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (local.get $value))))

  ;; Takes bytes: what waits is at 33686080.
  (func $take (param $from i32) (param $length i32) (local $now i32)
    (global.set $total (i64.add (global.get $total) (i64.extend_i32_u (local.get $length))))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $length)))
        (if (i32.and (i32.eqz (global.get $waiting)) (i32.ge_u (local.get $length) (i32.const 64))) (then
          (call $hash (local.get $from))
          (local.set $now (i32.const 64)))
        (else
          (local.set $now (i32.sub (i32.const 64) (global.get $waiting)))
          (if (i32.lt_u (local.get $length) (local.get $now)) (then (local.set $now (local.get $length))))
          (memory.copy (i32.add (i32.const 33686080) (global.get $waiting)) (local.get $from) (local.get $now))
          (global.set $waiting (i32.add (global.get $waiting) (local.get $now)))
          (if (i32.eq (global.get $waiting) (i32.const 64)) (then
            (call $hash (i32.const 33686080))
            (global.set $waiting (i32.const 0))))))
        (local.set $from (i32.add (local.get $from) (local.get $now)))
        (local.set $length (i32.sub (local.get $length) (local.get $now)))
        (br $next))))

  ;; The end of the digest; answers size and digest in hexadecimal digits.
  (func $digest (local $size i32) (local $bits i64) (local $at i32) (local $i i32) (local $byte i32)
    (local.set $size (i32.wrap_i64 (global.get $total)))
    (local.set $bits (i64.shl (global.get $total) (i64.const 3)))
    (i32.store (i32.const 33690400) (i32.const 128))
    (call $take (i32.const 33690400) (i32.const 1))
    (i32.store (i32.const 33690400) (i32.const 0))
    (block $full
      (loop $zero
        (br_if $full (i32.eq (global.get $waiting) (i32.const 56)))
        (call $take (i32.const 33690400) (i32.const 1))
        (br $zero)))
    (i32.store (i32.const 33690400) (call $swapped (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 32)))))
    (i32.store (i32.const 33690404) (call $swapped (i32.wrap_i64 (local.get $bits))))
    (call $take (i32.const 33690400) (i32.const 8))
    (local.set $at (i32.add (i32.const 33690432) (call $decimal (local.get $size) (i32.const 33690432))))
    (i32.store8 (local.get $at) (i32.const 32))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (loop $digit
      ;; The words are little-endian in memory.
      (local.set $byte (i32.load8_u offset=33685792 (i32.xor (local.get $i) (i32.const 3))))
      (i32.store8 (local.get $at) (i32.load8_u offset=33686622 (i32.shr_u (local.get $byte) (i32.const 4))))
      (i32.store8 offset=1 (local.get $at) (i32.load8_u offset=33686622 (i32.and (local.get $byte) (i32.const 15))))
      (local.set $at (i32.add (local.get $at) (i32.const 2)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $digit (i32.lt_u (local.get $i) (i32.const 32))))
    (call $text (i32.const 33690432) (i32.sub (local.get $at) (i32.const 33690432))))

  (func (export "request_handler") (param $address i32) (result i32)
    (if (i32.eqz (global.get $asked)) (then (call $ask)))
    (if (i32.eq (global.get $asked) (i32.const 2)) (then
      (call $take (i32.add (local.get $address) (i32.load offset=84 (local.get $address)))
        (i32.load offset=80 (local.get $address)))))
    (if (i64.lt_u (i64.load offset=72 (local.get $address)) (i64.load offset=64 (local.get $address)))
      (then (return (i32.const 0))))
    (block $field (block $code (block $killedsending (block $killedreading (block $killed (block $half
    (block $raise (block $sleep (block $pid (block $sized (block $bytes (block $digest (block $hello (block $none
      (br_table $none $hello $digest $bytes $sized $pid $sleep $raise $half $killed $killedreading $killedsending
        $code $field $none (global.get $asked)))
      (return (i32.const 1)))
      (call $text (i32.const 33686592) (i32.const 12)) (return (i32.const 0)))
      (call $digest) (return (i32.const 0)))
      (call $head (i32.const -1)) (call $bytes) (return (i32.const 0)))
      (call $head (global.get $argument)) (call $bytes) (return (i32.const 0)))
      (call $pid) (return (i32.const 0)))
      (call $wait (global.get $argument)) (call $pid) (return (i32.const 0)))
      (call $say (i32.const 33686656) (i32.const 26)) unreachable)
      (call $half) (call $say (i32.const 33686682) (i32.const 22)) unreachable)
      (call $die) (return (i32.const 1)))
      (call $die) (return (i32.const 1)))
      (call $half) (call $die) (return (i32.const 1)))
      (call $status (global.get $argument)) (call $send (i32.const 33686614) (i32.const 4)) (call $end)
      (return (i32.const 0)))
    (call $long)
    (i32.const 0)))
