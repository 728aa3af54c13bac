# SPDX-License-Identifier: Apache-2.0
# The prototype: forks workers, forwards orders to them and reports their end.
# It runs no code of the application.

module Margay
  # A worker as the prototype sees it.
  class Child
    attr_reader :local, :control, :stream
    attr_accessor :pid, :open, :ready, :unanswered, :wake_at, :pause

    def initialize(local, control, stream, isolated)
      @local = local
      # In a namespace of its own the pid here is another process elsewhere; 0
      # until the worker has learnt the one that all others use.
      @pid = isolated ? 0 : local
      @control = control
      @stream = stream
      @open = true
      @ready = false
      @unanswered = 0
      @wake_at = 0.0
      @pause = Prototype::WAKE_FIRST
    end
  end

  # A single-threaded loop over its port, its workers and signals.
  class Prototype
    # Seconds between two signals to a worker that has not answered yet.
    WAKE_FIRST = 0.05
    WAKE_LONGEST = 2.0

    attr_reader :init, :conf, :main, :router, :request, :slots, :pid

    def initialize(init, conf)
      @init = init
      @conf = conf
      @port, @main, @router, @request =
        %w[read main router request].map { |name| Margay.adopt(init[name].to_i) }
      memory = File.for_fd(init["slots"].to_i, "r+")
      before = Warning[:experimental]
      Warning[:experimental] = false
      @slots = IO::Buffer.map(memory, SLOTS)
      Warning[:experimental] = before
      memory.close
      @pid = Process.pid
      @isolated = false
      @quitting = false
      @children = {}
      @woken, @wake = IO.pipe
    end

    def prepare
      %w[HUP USR1 USR2].each { |name| trap(name) {} }
      %w[TERM INT QUIT].each { |name| trap(name) { signalled("q") } }
      trap("CHLD") { signalled("c") }
      # Ignored until a worker has its handler, lest an early order kill it.
      trap(WAKE, "IGNORE")
      Process.setproctitle("unit: \"#{@conf["title"]}\" prototype")
      whoami if @pid == 1
      Margay.log("info", "\"#{@conf["title"]}\" prototype started")
      Margay.transmit(@main, PROCESS_READY, 0)
    end

    # Returns the worker to run, in a forked process only.
    def run
      until @quitting && @children.empty?
        open = @children.values.select(&:open)
        ready, = IO.select([@woken, @port, *open.map(&:control)].compact, nil, nil, timeout)
        ready ||= []
        on_signals if ready.include?(@woken)
        open.each { |child| on_child(child) if ready.include?(child.control) }
        if @port && ready.include?(@port)
          worker = on_port
          return worker if worker
        end
        reap
        repeat_wakes
      end
    end

    private

    def signalled(letter)
      @wake.write_nonblock(letter, exception: false)
    end

    # Process 1 of its own namespace; the others know it by another pid.
    def whoami
      @isolated = true
      Margay.transmit(@main, WHOAMI, 0, [@init["parent"].to_i].pack("l"))
      loop do
        type, _, payload, fds = Margay.receive(@port)
        exit!(1) unless type
        Margay.close_all(fds)
        if type == RPC_READY && payload.bytesize >= 4
          @pid = Margay.pid = payload.unpack1("l")
          return
        end
        if type == RPC_ERROR
          Margay.log("alert", "WHOAMI error")
          exit!(1)
        end
        exit!(0) if type == QUIT
      end
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end

    def timeout
      first = @children.values.select { |child| child.unanswered.positive? }.map(&:wake_at).min
      first && [first - now, 0.001].max
    end

    def on_signals
      letters = @woken.read_nonblock(512, exception: false)
      quit_all if letters.is_a?(String) && letters.include?("q") && !@quitting
    end

    def on_port
      message = Margay.receive(@port, wait: false)
      return if message == :wait

      unless message
        # Main has gone, and with it everybody who could order anything.
        @port.close
        @port = nil
        quit_all
        return
      end
      type, stream, payload, fds = message
      if type == START_PROCESS
        Margay.close_all(fds)
        return start_worker(stream, payload)
      end
      on_quit(stream, payload) if type == QUIT
      if type == CHANGE_FILE && !fds.empty?
        Margay.redirect(fds[0], 2)
        @children.each_value { |child| order(child, CHANGE_FILE, fds[0, 1]) }
      end
      Margay.close_all(fds)
      nil
    end

    def on_quit(stream, payload)
      return quit_all if payload.bytesize < 5

      graceful, pid = payload.unpack("Cl")
      @children.each_value do |child|
        if graceful != 0
          order(child, QUIT) if child.pid == pid
        elsif pid.positive? && child.pid == pid
          kill(child, "KILL")
        elsif pid <= 0 && child.stream == stream
          end_start(child)
        end
      end
    end

    # Ends a worker whose start takes too long.  Its word that it is ready may
    # be waiting: then it takes requests.
    def end_start(child)
      nil while !child.ready && on_child(child)
      kill(child, "KILL") unless child.ready
    end

    def kill(child, signal)
      Process.kill(signal, child.local)
    rescue Errno::ESRCH
      # Reaped soon.
      child.unanswered = 0
    end

    def quit_all
      @quitting = true
      @children.each_value { |child| order(child, QUIT) }
    end

    # Puts a message on the worker's control socket and wakes it.
    def order(child, type, fds = [])
      return unless child.open

      Margay.transmit(child.control, type, 0, fds: fds, flags: 1)
      child.unanswered += 1
      child.pause = WAKE_FIRST
      wake(child)
    rescue Errno::EPIPE, Errno::ECONNRESET
      # Its end follows.
      nil
    rescue SystemCallError, IO::WaitWritable => e
      Margay.log("alert", "sendmsg to process #{child.pid} failed (#{e.message})")
    end

    def wake(child)
      child.wake_at = now + child.pause
      child.pause = [child.pause * 2, WAKE_LONGEST].min
      kill(child, WAKE)
    end

    def repeat_wakes
      waiting = @children.values.select { |child| child.unanswered.positive? }
      return if waiting.empty?

      time = now
      waiting.each { |child| wake(child) if child.wake_at <= time }
    end

    # Takes one message of a worker; false when there was none.
    def on_child(child)
      return false unless child.open

      message = receive(child)
      return false if message == :wait

      unless message
        # Its end follows; a closed socket would be reported for ever.
        child.open = false
        child.unanswered = 0
        return false
      end
      type, _, payload, fds = message
      Margay.close_all(fds)
      if type == RPC_READY
        child.unanswered -= 1 if child.unanswered.positive?
      elsif type == PROCESS_READY
        child.ready = true
      elsif type == PROCESS_CREATED && payload.bytesize == 4
        child.pid = payload.unpack1("l") if @isolated
      else
        # Foreign code wrote it; nothing else that it shares with the server
        # can be relied upon either.
        Margay.log("alert", "app process #{child.pid} is killed: it sent something that is no message")
        kill(child, "KILL")
        # What else it wrote is not worth a line each.
        child.open = false
      end
      true
    end

    def receive(child)
      Margay.receive(child.control, wait: false)
    rescue Errno::ECONNRESET
      nil
    end

    # ---- children ---------------------------------------------------------

    def start_worker(stream, payload)
      if @quitting || payload.bytesize < 4
        Margay.transmit(@router, RPC_ERROR, stream)
        return
      end
      loops, slot = payload.unpack("SS")
      mine, its = Margay.pair
      begin
        pid = fork
      rescue SystemCallError => e
        Margay.log("alert", "fork() failed for \"#{@conf["title"]}\" application (#{e.message})")
        Margay.transmit(@router, RPC_ERROR, stream)
        mine.close
        its.close
        return
      end
      return become_worker(mine, its, stream, loops, slot) unless pid

      its.close
      @children[pid] = Child.new(pid, mine, stream, @isolated)
      nil
    end

    def become_worker(mine, its, stream, loops, slot)
      trap("CHLD", "DEFAULT")
      [@woken, @wake, @port, *@children.values.map(&:control)].each(&:close)
      @children = {}
      Process.setproctitle("unit: \"#{@conf["title"]}\" application")
      worker = Worker.new(self, its, stream, loops, slot)
      worker.learn(mine)
      worker.redirect
      worker
    end

    def reap
      while (pid, status = Process.waitpid2(-1, Process::WNOHANG))
        child = @children.delete(pid)
        shown = child && ![0, pid].include?(child.pid) ? "#{child.pid} (isolated #{pid})" : pid.to_s
        if status.signaled?
          core = status.coredump? ? " (core dumped)" : ""
          Margay.log("alert", "app process #{shown} exited on signal #{status.termsig}#{core}")
        else
          Margay.log("notice", "app process #{shown} exited with code #{status.exitstatus}")
        end
        report(child) if child
      end
    rescue Errno::ECHILD
      nil
    end

    def report(child)
      child.control.close
      # A stream means: the start that it names has failed.
      stream = child.ready ? 0 : child.stream
      [@router, @main].each do |peer|
        Margay.transmit(peer, REMOVE_PID, stream, [child.pid].pack("l"))
      rescue SystemCallError
        # That process has gone too; the other one still wants to know.
        nil
      end
    end
  end

  # Whether there is a Gemfile, so that Bundler would do anything.
  def self.bundled?
    return true if ENV.key?("BUNDLE_GEMFILE")

    directory = Dir.pwd
    loop do
      return true if %w[Gemfile gems.rb].any? { |name| File.file?(File.join(directory, name)) }

      parent = File.dirname(directory)
      return false if parent == directory

      directory = parent
    end
  end

  def self.require_rack
    require "rack"
    # Rack::Lint takes for granted that the server has it.
    require "uri"
    Rack::Builder
  end

  # What all workers need is shared by them instead of loaded by each, unless
  # the application has a Gemfile and so a version of its own.
  def self.preload
    return if bundled?

    require_rack
    # Rack 2 loads it when it reads a script.
    Rack::Server if Rack.const_defined?(:Server)
  rescue LoadError, StandardError
    # A worker tries again and says what is wrong.
    nil
  end

  # The whole life of the process.
  def self.start(init)
    file = File.for_fd(init["application"].to_i, "rb")
    conf = file.read.force_encoding(Encoding::UTF_8).split("\0", -1).each_slice(2).to_h
    file.close
    prototype = Prototype.new(init, conf)
    preload
    prototype.prepare
    worker = prototype.run
    worker&.run
  end
end

Margay.start(MARGAY)
