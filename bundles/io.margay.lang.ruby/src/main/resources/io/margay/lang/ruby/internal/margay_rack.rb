# SPDX-License-Identifier: Apache-2.0
# What a Rack application is given beside the strings of its environment.

module Margay
  # rack.input of one request; what is kept longer is refused.
  class Input
    def initialize(context, data, file)
      @context = context
      @data = data
      @file = file
      @at = 0
    end

    # As for Errors.
    def inspect
      "#<Margay::Input>"
    end

    def read(length = nil, buffer = nil)
      result = part(length)
      return result unless buffer

      buffer.clear
      return unless result

      buffer.force_encoding(Encoding::BINARY) << result
    end

    def gets
      return file.gets("\n") if file

      check
      return if @at >= @data.bytesize

      # The data are bytes, so that characters are bytes, too.
      stop = @data.index("\n", @at) || @data.bytesize
      take(stop + 1 - @at)
    end

    def each
      while (line = gets)
        yield line
      end
      self
    end

    def rewind
      file&.rewind
      check
      @at = 0
    end

    def size
      file ? file.size : @data.bytesize
    end

    def binmode
      self
    end

    def set_encoding(*)
      self
    end

    def external_encoding
      Encoding::BINARY
    end

    def close
      nil
    end

    # The request has ended.
    def finish
      @context = nil
      @file.close if @file.is_a?(IO)
      @file = @data = nil
    end

    private

    def check
      raise IOError, "rack.input is used after its request" unless @context
    end

    # The body as a file, which is fetched when it is first read.
    def file
      check
      @file = @context.fetch_body if @file == :fetch
      @file
    end

    def part(length)
      return file.read(length) if file && (length.nil? || length >= 0)

      check
      return if length&.negative?
      return take(@data.bytesize - @at) unless length
      return "".b if length.zero?

      take(length) if @at < @data.bytesize
    end

    def take(length)
      result = @data.byteslice(@at, length)
      @at += result.bytesize
      result
    end
  end

  # rack.errors: what is written becomes lines of the log.
  class Errors
    def initialize(context)
      @context = context
    end

    # The environment is shown to people, who need not see the whole runtime in it.
    def inspect
      "#<Margay::Errors>"
    end

    def puts(*texts)
      texts.flatten.each { |text| write(text) }
      nil
    end

    def write(*texts)
      texts.sum do |text|
        string = text.to_s
        Margay.log("error", "Ruby: ".b << string.b, @context.stream) unless string.strip.empty?
        string.bytesize
      end
    end

    def print(*texts)
      write(texts.join)
      nil
    end

    def <<(text)
      write(text)
      self
    end

    def flush
      self
    end

    def close
      nil
    end

    def sync
      true
    end

    def sync=(value); end

    def tty?
      false
    end
    alias isatty tty?

    def fileno
      2
    end
  end

  # What the body of a Rack 3 response is called with when it has no each().
  class Stream
    def initialize(context, input)
      @context = context
      @input = input
      @closed = false
    end

    def read(*arguments)
      @input.read(*arguments)
    end

    def write(text)
      raise IOError, "the stream is closed" if @closed
      raise Errno::EPIPE, "the client has left" if @context.gone?

      @context.deliver(text, 0)
      text.bytesize
    end

    def <<(text)
      write(text)
      self
    end

    def flush
      self
    end

    def close(*)
      @closed = true
      nil
    end
    alias close_write close

    def close_read
      nil
    end

    def closed?
      @closed
    end
  end
end

# Where the file of the option "hooks" is evaluated.
module Unit
  @hooks = Hash.new { |all, name| all[name] = [] }

  class << self
    %i[on_worker_boot on_worker_shutdown on_thread_boot on_thread_shutdown].each do |name|
      define_method(name) { |&block| @hooks[name] << block }
    end

    def margay_call(name)
      @hooks[name].each(&:call) if @hooks.key?(name)
    end
  end
end
