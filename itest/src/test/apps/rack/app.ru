# SPDX-License-Identifier: Apache-2.0
# Kinds of bodies and of answers; each path is one. Rack::Lint of Rack 2 hides the first and does not know the others.

# A body that is a file.
class Stored
  def to_path
    "#{__dir__}/stored.txt"
  end

  def each
    yield "never"
  end
end

# A body of Rack 3, which is written.
class Written
  def call(stream)
    stream.write("written ")
    stream << "twice"
    stream.close
  end
end

def answer(body, fields = {})
  [200, { "content-type" => "text/plain" }.merge(fields), body]
end

run(lambda do |env|
  case env["PATH_INFO"]
  when "/stored" then answer(Stored.new)
  when "/written" then answer(Written.new)
  when "/several" then answer(["several"], "x-several" => %w[a b])
  when "/lines" then answer(["lines"], "x-several" => "a\nb")
  when "/offered" then answer(["#{env['rack.hijack?'].inspect} #{env['rack.multithread']}"])
  when "/hijack" then answer([], "rack.hijack" => ->(io) { io.write("no") })
  else answer(["#{$calls.sort.join(' ')} #{Process.pid == $booted}"])
  end
end)
