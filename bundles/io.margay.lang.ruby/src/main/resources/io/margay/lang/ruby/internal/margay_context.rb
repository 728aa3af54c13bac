# SPDX-License-Identifier: Apache-2.0
# One request after the other on one thread, and what Rack says of a response.

module Margay
  # The response broke the rules; already logged.
  class Failure < StandardError
  end

  # One thread's place: at most one request at a time.
  class Context
    # Stream and loop with what lies between them, type and the last flag,
    # flags, length of the head, of the body in the message, of the body.
    REQUEST = "Lx4Sx6Cx3LLQ"
    REQUEST_SIZE = 36
    FLAG_TLS = 1
    FLAG_BODY_FD = 2
    # Interim responses may come before the response.
    FLAG_MORE = 8
    MESSAGE = "#{HEADER}a*a*"
    ROOM = MAX_MESSAGE - HEADER_SIZE
    PIECE = 32_768
    # Lists of keys of environments worth remembering, and how long one may be.
    MAX_KEYS = 256
    MAX_NAMES = 4096

    attr_reader :stream

    def initialize(worker, index, replies, application)
      @worker = worker
      @application = application
      @replies = replies
      @slots = worker.slots
      @slot = (worker.slot + index) * SLOT_BYTES
      @pid = Margay.pid
      @local = Process.pid
      @stream = 0
      @loop = 0
      @served = 0
      @more = 0
      @keys = {}
      @errors = Errors.new(self)
      @bases = %w[http https].map { |scheme| base(scheme) }
    end

    # Handles requests until there are no more to come.
    def serve
      slots = @slots
      slot = @slot
      buffer = String.new(capacity: MAX_MESSAGE)
      while (data = @worker.take(buffer))
        stream, loop, flags, head, inline, = data.unpack(REQUEST)
        slots.set_value(:u32, slot + 4, @loop = loop)
        slots.set_value(:u32, slot, @stream = stream)
        @head = nil
        @more = flags & FLAG_MORE
        @sent = @finished = false
        if slots.get_value(:u32, CANCELLED).zero? || !gone?
          body = inline.zero? ? "" : data.byteslice(REQUEST_SIZE + head, inline)
          input = Input.new(self, body, (flags & FLAG_BODY_FD).zero? ? nil : :fetch)
          handle(environment(data, flags, head), input)
          input.finish
        end
        slots.set_value(:u32, slot + 8, (@served += 1) & 0xffffffff)
        slots.set_value(:u32, slot, @stream = 0)
      end
    end

    # ---- request ----------------------------------------------------------

    # The body that did not fit into the message.
    def fetch_body
      reply = @replies[@loop]
      Margay.transmit(reply, REQ_HEADERS_ACK, @stream, last: 0)
      type, _, _, fds = Margay.receive(reply)
      raise EOFError, "the server has gone" unless type

      if type != REQ_BODY || fds.size != 1
        Margay.close_all(fds)
        raise IOError, "the request body is not available any more"
      end
      file = File.for_fd(fds.first, "rb")
      # The offset is shared with the server, which wrote the file.
      file.sysseek(0)
      file
    end

    # ---- response ---------------------------------------------------------

    # Whether the client has left.
    def gone?
      return false if @slots.get_value(:u32, CANCELLED).zero?

      at = CANCELS + 8 * (@stream + 31 * @loop & 4095)
      @slots.get_value(:u32, at) == @stream && @slots.get_value(:u32, at + 4) == @loop
    end

    # rack.early_hints: what the client will need, before there is a response.
    def early_hints(headers)
      return if @stream.zero? || @more.zero? || @head || @finished || gone?

      hints = head(103, headers)
      refuse("The early hints have more than #{ROOM} bytes") if hints.bytesize > ROOM
      @replies[@loop].send([@stream, @pid, 0, DATA, 0, hints].pack("#{HEADER}a*"), 0)
      nil
    end

    # Sends the head, if it waits, and the bytes in messages of bounded size.
    def deliver(data, last)
      head = ""
      unless @sent
        @sent = true
        head = @head
      end
      if head.bytesize + data.bytesize > ROOM
        data = (head.empty? ? data : head + data.b).b
        head = ""
        at = 0
        while data.bytesize - at > ROOM
          @replies[@loop].send([@stream, @pid, 0, DATA, 0, data.byteslice(at, ROOM)].pack("#{HEADER}a*"), 0)
          at += ROOM
          raise Failure if gone?
        end
        data = data.byteslice(at, ROOM)
      end
      @finished = true if last == 1
      @replies[@loop].send([@stream, @pid, 0, DATA, last, head, data].pack(MESSAGE), 0)
    end

    private

    def base(scheme)
      {
        "SCRIPT_NAME" => "", "SERVER_SOFTWARE" => @worker.software, "rack.version" => [1, 3].freeze,
        "rack.url_scheme" => scheme, "rack.errors" => @errors, "rack.multithread" => @worker.threads > 1,
        "rack.multiprocess" => true, "rack.run_once" => false, "rack.hijack?" => false, "rack.hijack" => nil,
        "rack.hijack_io" => nil, "rack.input" => nil, "rack.response_finished" => nil,
        "rack.early_hints" => method(:early_hints),
        # Room for what each request has.
        "REQUEST_METHOD" => nil, "REQUEST_URI" => nil, "PATH_INFO" => nil, "QUERY_STRING" => nil,
        "SERVER_PROTOCOL" => nil, "REMOTE_ADDR" => nil, "SERVER_ADDR" => nil, "SERVER_PORT" => nil,
        "SERVER_NAME" => nil
      }
    end

    def environment(data, flags, length)
      env = @bases[flags & FLAG_TLS].dup
      head = data.byteslice(REQUEST_SIZE, length)
      middle = head.index("\0\0")
      names = head.byteslice(0, middle)
      # Clients send the same fields again and again.
      keys = @keys[names] || keys_of(names)
      values = head.byteslice(middle + 2, length).split("\0", -1)
      at = 0
      stop = keys.size
      while at < stop
        env[keys[at]] = values[at]
        at += 1
      end
      env
    end

    def keys_of(names)
      keys = names.split("\0").map(&:-@)
      return keys if names.bytesize > MAX_NAMES

      @keys.clear if @keys.size >= MAX_KEYS
      @keys[names] = keys
    end

    def trouble(text, error = nil, level = "error")
      return if gone?

      Margay.log(level, "Ruby: #{text}", @stream) if text
      Margay.describe(error).each { |line| Margay.log(level, "Ruby: #{line}", @stream) } if error
    end

    def refuse(text)
      trouble(text)
      raise Failure
    end

    def handle(env, input)
      env["rack.input"] = input
      finished = env["rack.response_finished"] = []
      response = error = nil
      begin
        response = @application.call(env)
        own_process
        respond(response, input)
      rescue SystemExit
        fail_request
        raise
      rescue Failure => error
        fail_request
      rescue Exception => error # rubocop:disable Lint/RescueException -- whatever the application raises
        own_process
        trouble("Failed to run ruby script", error) unless error.is_a?(Errno::EPIPE) && gone?
        fail_request
      end
      finished.each { |callable| callback(callable, env, response, error) } unless finished.empty?
    end

    def callback(callable, env, response, error)
      status, headers = response if response.is_a?(Array)
      callable.call(env, status, headers, error)
    rescue StandardError => e
      trouble("Failed to call a member of rack.response_finished", e)
    end

    # Ends a process that the application has forked and let return.
    def own_process
      return if Process.pid == @local

      Margay.log("error", "a process forked by the application returned from its request; it ends", @stream)
      exit!(1)
    end

    def respond(response, input)
      refuse("Invalid response format from application") unless response.is_a?(Array)
      if response.size != 3
        refuse("Invalid response format from application. Need 3 entries [Status, Headers, Body]")
      end
      status, headers, body = response
      @head = head(status, headers)
      if body.instance_of?(Array) && body.size == 1 && body[0].is_a?(String)
        deliver(body[0], 1)
      else
        send_body(body, input)
      end
    end

    # The bytes of status and header fields.
    def head(status, headers)
      lines = 1
      head = status_line(status)
      unless headers.respond_to?(:each)
        refuse("Invalid response 'headers' format from application")
      end
      headers.each do |name, value|
        refuse("Wrong header entry 'key' from application") unless name.is_a?(String)
        if name.start_with?("rack.")
          refuse("The response wants to hijack the connection, which this server does not offer") if
            name == "rack.hijack" && value
          next
        end
        if value.instance_of?(String) && !value.include?("\n")
          head << name << ": " << value << "\r\n"
          lines += 1
        else
          lines += fields(head, name, value)
        end
      end
      # One look at all: as many line ends as fields, and nothing else like it.
      control(headers) if head.count("\r\n\0") != 2 * lines
      head << "\r\n"
    rescue Encoding::CompatibilityError
      refuse("Wrong header entry 'value' from application: a header field has characters of several encodings")
    end

    def fields(head, name, value)
      values =
        case value
        when String then value.split("\n")
        when Array then value
        else refuse("Wrong header entry 'value' from application")
        end
      values.each do |part|
        refuse("Wrong header entry in 'value' array from application") unless part.is_a?(String)
        head << name << ": " << part << "\r\n"
      end
      values.size
    end

    def control(headers)
      name, = headers.find { |pair| pair.join.match?(/[\r\0]/) || pair[0].include?("\n") }
      refuse("Wrong header entry 'value' from application: header field #{name.inspect} contains a control character")
    end

    def status_line(status)
      case status
      when Integer then code = status
      when String
        refuse("Invalid response 'status' format from application") unless status.match?(/\A\d{1,9}( |\z)/)
        code = status.to_i
      else refuse("Invalid response status from application.")
      end
      refuse("Invalid response 'status' format from application") if code < 100
      # The wire has three digits; what is beyond is sent as 500 (http.md).
      +"#{code > 999 ? 500 : code}\r\n"
    end

    def send_body(body, input)
      if body.respond_to?(:to_path)
        send_file(body)
      elsif body.respond_to?(:each)
        body.each do |part|
          next unless part.is_a?(String)
          break if gone?

          deliver(part, 0) unless part.empty?
        end
      elsif body.respond_to?(:call)
        # What is not written yet may take long, and the client may act upon
        # the head.
        deliver("", 0)
        body.call(Stream.new(self, input))
      else
        refuse("Invalid response 'body' format from application")
      end
      deliver("", 1)
    ensure
      begin
        body.close if body.respond_to?(:close)
      rescue StandardError => e
        trouble("Failed to call 'close' of the body", e)
      end
    end

    def send_file(body)
      path = body.to_path
      refuse("Failed to get 'body' file path from application") unless path.is_a?(String)
      File.open(path, "rb") do |file|
        buffer = String.new(capacity: PIECE)
        deliver(buffer, 0) while file.read(PIECE, buffer) && !gone?
      end
    rescue SystemCallError => e
      refuse("Failed to open content file \"#{path}\": #{e.message} (#{e.errno})")
    end

    # Ends the request without an answer, or with half of one.
    def fail_request
      return if @finished

      @finished = true
      @replies[@loop].send([@stream, @pid, 0, RPC_ERROR, 1].pack(HEADER), 0)
    end
  end
end
