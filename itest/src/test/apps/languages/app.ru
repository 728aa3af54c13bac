# SPDX-License-Identifier: Apache-2.0
# The questions that the test of all languages asks; each path is one.
require "digest"
require "rack/lint"
require "socket"

PATTERN = (0...251 * 256).map { |i| i % 251 }.pack("C*").freeze

# A body that is made while it is sent.
class Made
  def initialize(&block)
    @block = block
  end

  def each(&block)
    @block.call(block)
  end
end

def text(content, status = 200, fields = {})
  [status, { "content-type" => "text/plain", "content-length" => content.bytesize.to_s }.merge(fields), [content]]
end

def made(&block)
  [200, { "content-type" => "text/plain" }, Made.new(&block)]
end

def die
  $stderr.puts "last words"
  Process.kill("KILL", Process.pid)
  sleep 60
end

ANSWERS = {
  "hello" => ->(_, _) { text("Hello world\n") },
  "digest" => lambda do |env, _|
    digest = Digest::SHA256.new
    size = 0
    while (part = env["rack.input"].read(65_536))
      digest << part
      size += part.bytesize
    end
    text("#{size} #{digest.hexdigest}")
  end,
  "bytes" => lambda do |_, count|
    made do |part|
      while count.positive?
        part.call(PATTERN.byteslice(0, count))
        count -= PATTERN.bytesize
      end
    end
  end,
  "sized" => ->(_, count) { text((PATTERN * (count / PATTERN.bytesize + 1)).byteslice(0, count)) },
  "pid" => ->(_, _) { text(Process.pid.to_s) },
  "software" => ->(env, _) { text(env["SERVER_SOFTWARE"]) },
  "sleep" => lambda do |_, millis|
    sleep millis / 1000.0
    text(Process.pid.to_s)
  end,
  "raise" => ->(_, _) { raise "raised by the application" },
  "half" => lambda do |_, _|
    made do |part|
      part.call("some bytes")
      raise "raised after the head"
    end
  end,
  "exit" => lambda do |_, status|
    warn "last words"
    exit status
  end,
  "killed" => ->(_, _) { die },
  "killedreading" => lambda do |env, _|
    env["rack.input"].read(10)
    die
  end,
  "killedsending" => lambda do |_, _|
    made do |part|
      part.call("some bytes")
      die
    end
  end,
  "status" => ->(_, status) { status == 204 ? [204, {}, []] : text("body", status) },
  "split" => ->(_, _) { text("body", 200, "x-split" => "a\r\nX-Evil: b") },
  "splitname" => ->(_, _) { text("body", 200, "x-split: a\nX-Evil" => "b") },
  "field" => ->(_, count) { text("body", 200, "x-long" => "x" * count) },
  "nothing" => ->(_, _) {},
  "fork" => lambda do |_, _|
    Process.wait(fork { exit! })
    text(Process.pid.to_s)
  end,
  "woken" => lambda do |_, _|
    pid = fork do
      3_000.times do
        Process.kill(35, Process.ppid)
        sleep 0.0001
      end
      exit!
    end
    (1..200).map { |size| "x" * size } until Process.wait(pid, Process::WNOHANG)
    text(Process.pid.to_s)
  end,
  "forkreturns" => lambda do |_, _|
    pid = Process.pid.to_s
    fork
    text(pid)
  end,
  "closed" => lambda do |_, _|
    (3..255).each do |fd|
      IO.for_fd(fd).close
    rescue SystemCallError, ArgumentError
      next
    end
    text("Hello world\n")
  end,
  "become" => ->(_, _) { exec "/bin/sleep", "300" },
  "garbage" => lambda do |_, _|
    (3..63).each do |fd|
      Socket.for_fd(fd).tap { |socket| socket.autoclose = false }.send("garbage", Socket::MSG_DONTWAIT)
    rescue SystemCallError, ArgumentError
      next
    end
    text("Hello world\n")
  end
}.freeze

# What breaks Rack's rules on purpose is for the server to refuse; all else has to pass.
WRONG = %w[/status /split /splitname /nothing].freeze

plain = ->(env) { ANSWERS.fetch(env["PATH_INFO"][1..]).call(env, env["QUERY_STRING"].to_i) }
lint = Rack::Lint.new(plain)
# Lint refuses a body for HEAD, which the server has to drop.
run ->(env) { (WRONG.include?(env["PATH_INFO"]) || env["REQUEST_METHOD"] == "HEAD" ? plain : lint).call(env) }
