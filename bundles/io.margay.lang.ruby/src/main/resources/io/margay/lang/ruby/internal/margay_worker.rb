# SPDX-License-Identifier: Apache-2.0
# An application process: loads the application, opens its contexts, obeys the
# prototype and leaves without losing a request.

module Margay
  # One application process.
  class Worker
    F_SETOWN = 8
    F_SETSIG = 10
    O_ASYNC = 0o20000

    attr_reader :slots, :slot, :software, :threads

    def initialize(prototype, control, stream, loops, slot)
      @conf = prototype.conf
      @software = "Unit/#{prototype.init["version"]}"
      @threads = @conf["threads"].to_i
      @limit = @conf["requests"].to_i
      @main = prototype.main
      @router = prototype.router
      @request = prototype.request
      @slots = prototype.slots
      @parent = prototype.pid
      @control = control
      @stream = stream
      @loops = loops
      @slot = slot
      @local = Process.pid
      @taken = 0
      @leaving = false
      @turn = Thread::Mutex.new
      # Reads as an ended queue once it stands in the place of the real one.
      @end, other = Margay.pair
      other.close
      @loading = false
    end

    # ---- start ------------------------------------------------------------

    # Asks main for the pid that the rest of the server knows; main gets the
    # other end of the control socket.
    def learn(peer)
      Margay.transmit(@main, WHOAMI, @stream, [@parent].pack("l"), fds: [peer.fileno], pid: @local)
      peer.close
      loop do
        type, _, payload, fds = Margay.receive(@control)
        exit!(1) unless type
        Margay.redirect(fds[0], 2) if type == CHANGE_FILE && !fds.empty?
        if type == RPC_READY && payload.bytesize >= 4
          Margay.pid = payload.unpack1("l")
          leash(fds.shift) unless fds.empty?
          Margay.close_all(fds)
          break
        end
        Margay.close_all(fds)
        if type == RPC_ERROR
          Margay.log("alert", "WHOAMI error")
          exit!(1)
        end
        exit!(0) if type == QUIT
      end
      Margay.transmit(@control, PROCESS_CREATED, @stream, [Margay.pid].pack("l"))
      Margay.log("info", "\"#{@conf["title"]}\" application started")
      Margay.mark = "[unit] "
    end

    # The other end is main's: when that ends, however it does, the kernel
    # kills this process, be it asleep, stopped or deaf.
    def leash(fd)
      @leash = IO.for_fd(fd)
      @leash.fcntl(F_SETOWN, Process.pid)
      @leash.fcntl(F_SETSIG, 9)
      @leash.fcntl(4, @leash.fcntl(3, 0) | O_ASYNC | File::NONBLOCK)
      # Main may have ended before.
      @leash.read_nonblock(1, exception: false) || exit!(1)
    end

    # stdout and stderr of the application, if it has its own; again when the
    # log is reopened.
    def redirect
      { "stdout" => 1, "stderr" => 2 }.each do |name, number|
        next unless (path = @conf[name])

        begin
          File.open(path, File::WRONLY | File::APPEND | File::CREAT, 0o666) do |file|
            Margay.redirect(file.fileno, number)
          end
        rescue SystemCallError => e
          Margay.log("error", "open(\"#{path}\") failed (#{e.errno}: #{e.message})")
        end
      end
    end

    def run
      OTHERS.each { |name| trap(name) {} }
      trap(WAKE) { obey }
      at_exit { ended }
      @loading = true
      application = load_application
      @loading = false
      boot_threads(application)
    end

    private

    # Tells the router, and so the client who changed the configuration, why
    # the start fails.
    def explain(reason, error = nil)
      Margay.log("alert", "Ruby: #{reason}")
      Margay.describe(error).each { |line| Margay.log("alert", "Ruby: #{line}") } if error
      reason += ": #{error.message} (#{error.class})" if error
      Margay.transmit(@router, RPC_ERROR, @stream, reason.byteslice(0, 1024))
    rescue SystemCallError => e
      Margay.log("warn", "the router could not be told the reason: #{e.message}")
    end

    def step(reason)
      yield
    rescue SystemExit
      raise
    rescue Exception => e # rubocop:disable Lint/RescueException -- syntax errors are none of StandardError
      @loading = false
      explain(reason, e)
      exit!(1)
    end

    def load_application
      script = @conf["script"]
      # The title is not the name of the program, and is shown again.
      $0 = "NGINX_Unit"
      Process.setproctitle("unit: \"#{@conf["title"]}\" application")
      step("Failed to require 'bundler/setup'") { require "bundler/setup" if Margay.bundled? }
      step("Failed to require 'rack'") do
        Margay.require_rack
      end
      if (hooks = @conf["hooks"])
        step("Failed to setup hooks") { Unit.module_eval(File.read(hooks), hooks) }
      end
      step("Failed to call on_worker_boot()") { Unit.margay_call(:on_worker_boot) }
      application = step("Failed to parse rack script") { Rack::Builder.parse_file(File.expand_path(script)) }
      application = application.first if application.is_a?(Array)
      return application if application.respond_to?(:call)

      @loading = false
      explain("Unable to find rack entry point")
      exit!(1)
    end

    # Makes the reply sockets, one per context and loop of the router, and
    # hands the router's ends over.
    def connect
      mine = Array.new(@threads) { [] }
      remote = []
      mine.each do |replies|
        @loops.times do
          own, other = Margay.pair
          replies << own
          remote << other
        end
      end
      @remote = remote
      mine
    end

    def announce
      until @remote.empty?
        part = @remote.shift(MAX_FDS)
        Margay.transmit(@router, PROCESS_READY, @stream, [@threads, @loops].pack("SS"), fds: part.map(&:fileno),
          last: @remote.empty? ? 1 : 0)
        part.each(&:close)
      end
      Margay.transmit(@control, PROCESS_READY, @stream)
    end

    # ---- life -------------------------------------------------------------

    def boot_threads(application)
      contexts = connect.each_with_index.map { |replies, index| Context.new(self, index, replies, application) }
      @stop, @stopping = IO.pipe if @threads > 1
      announce
      others = contexts.drop(1).map { |context| Thread.new { serve(context) } }
      serve(contexts.first)
      others.each(&:join)
      hook(:on_worker_shutdown)
    rescue Errno::EPIPE, Errno::ECONNRESET
      # The router has gone or gave this worker up.
      exit!(1)
    end

    def serve(context)
      hook(:on_thread_boot)
      context.serve
      hook(:on_thread_shutdown)
    rescue SystemExit => e
      Thread.current == Thread.main ? raise : leave_process(e.status)
    rescue Errno::EPIPE, Errno::ECONNRESET
      exit!(1)
    rescue SystemCallError, IOError => e
      # The application has closed what is not its own.
      Margay.log("alert", "the application process cannot serve any more: #{e.message}")
      exit!(1)
    end

    # The end of a thread that the application wants to be that of the process.
    def leave_process(status)
      $stdout.flush
      $stderr.flush
    ensure
      exit!(status)
    end

    def hook(name)
      Unit.margay_call(name)
    rescue StandardError => e
      Margay.log("error", "Ruby: Failed to call #{name}()")
      Margay.describe(e).each { |line| Margay.log("error", "Ruby: #{line}") }
    end

    def ended
      return if Process.pid != @local || !@loading

      error = $! # rubocop:disable Style/SpecialGlobalVars -- its English name needs a library
      explain("the application exited while it was loaded: #{error.is_a?(SystemExit) ? error.status : error.inspect}")
      exit!(1) if error.nil? || error.is_a?(SystemExit) && error.success?
    end

    public

    # The next request; nil when there are no more to come.
    def take(buffer)
      return take_in_turn(buffer) if @threads > 1 || @limit.positive?

      data = @request.recv(MAX_MESSAGE, 0, buffer)
      data.nil? || data.empty? ? nil : data
    end

    private

    # One thread after the other waits, so that not one request beyond the
    # limit is taken.
    def take_in_turn(buffer)
      @turn.synchronize do
        return if @leaving
        return counted(@request.recv(MAX_MESSAGE, 0, buffer)) if @threads == 1

        until @leaving
          ready, = IO.select([@request, @stop])
          return if ready.include?(@stop)

          data = @request.recv_nonblock(MAX_MESSAGE, 0, buffer, exception: false)
          return counted(data) unless data == :wait_readable
        end
      end
    end

    def counted(data)
      return if data.nil? || data.empty?

      leave if @limit.positive? && (@taken += 1) >= @limit
      data
    end

    # Reads the orders of the prototype; called for a signal.
    def obey
      return if Process.pid != @local

      loop do
        message = Margay.receive(@control, wait: false)
        return if message == :wait
        # The prototype has gone: nobody would ever stop this process.
        return leave unless message

        type, _, _, fds = message
        if type == QUIT
          leave
        elsif type == CHANGE_FILE
          Margay.redirect(fds[0], 2) if !fds.empty? && !@conf.key?("stderr")
          redirect
        end
        Margay.close_all(fds)
        acknowledge(type)
      end
    rescue SystemCallError, IOError
      leave
    end

    def acknowledge(type)
      Margay.transmit(@control, RPC_READY, type, flags: 1)
    rescue SystemCallError, IO::WaitWritable
      # Only the repetition of the signal depends on it.
      nil
    end

    # Ends the queue for all contexts.  A recv() in progress is interrupted by
    # the signal, tried again by Ruby and sees the end; one that got a request
    # already keeps it.
    def leave
      @leaving = true
      Margay.redirect(@end.fileno, @request.fileno) if @threads == 1
      @stopping&.write_nonblock(".", exception: false)
    end
  end
end
