# SPDX-License-Identifier: Apache-2.0
# frozen_string_literal: true
#
# Messages and log lines of the Ruby runtime.
#
# The runtime's files are joined in the order margay_port, margay_rack,
# margay_context, margay_worker, margay_prototype and evaluated as one piece,
# read from an inherited descriptor: no file of the server has to exist in the
# application's root.  No gem is loaded, since the application's Gemfile may
# want another version of it.
require "socket"

module Margay
  HEADER = "LlSCCx4"
  HEADER_SIZE = 16
  MAX_MESSAGE = 65_536
  # One descriptor fewer than the kernel's SCM_MAX_FD leaves no message on the
  # edge.
  MAX_FDS = 252

  RPC_READY = 0
  RPC_ERROR = 1
  START_PROCESS = 2
  CHANGE_FILE = 12
  PROCESS_CREATED = 18
  PROCESS_READY = 19
  WHOAMI = 20
  REMOVE_PID = 21
  QUIT = 22
  REQ_HEADERS_ACK = 24
  REQ_BODY = 25
  DATA = 27

  # Tells a worker, which sleeps in recv() on the shared queue, to read its own
  # control socket.  SIGRTMIN + 1 is not one that the server itself uses.
  WAKE = 35
  # TERM, INT and the like concern the server, which tells its children by
  # messages; a terminal sends them to the whole process group.
  OTHERS = %w[TERM INT QUIT HUP USR1 USR2].freeze

  # Ruby has dup2(2) for what it calls files only.
  O_CLOEXEC = 0o2000000
  DUP3 = RUBY_PLATFORM.start_with?("x86_64") ? 292 : 24

  SLOT_BYTES = 64
  # Behind the slots: requests that nobody waits for any more, as pairs of
  # stream and loop, then a word that is not 0 once there was one.
  CANCELS = 4096 * 64
  CANCELLED = CANCELS + 4096 * 8
  SLOTS = CANCELLED + 64

  class << self
    # The process as the rest of the server knows it, and what stands before
    # each text of a worker.
    attr_accessor :pid, :mark

    # One line of the server's log format, written by one write(2).  Not by
    # $stderr, which the application may have replaced.
    def log(level, text, stream = 0)
      tag = stream.zero? ? "" : "##{stream}: "
      time = Time.now.strftime("%Y/%m/%d %H:%M:%S")
      line = "#{time} [#{level}] #{pid}##{pid} #{mark}#{tag}".b << text.to_s.b.strip.tr("\n", " ")
      @errors ||= IO.for_fd(2, "w", autoclose: false)
      @errors.syswrite(line.byteslice(0, 2047) << "\n")
    rescue SystemCallError, IOError
      # A log that cannot be written cannot be complained about either.
      nil
    end

    # The socket of an inherited or received descriptor, which programs that
    # the application starts must not inherit in turn.
    def adopt(number)
      socket = Socket.for_fd(number)
      socket.close_on_exec = true
      socket
    end

    def pair
      UNIXSocket.pair(:SEQPACKET)
    end

    # Makes a number stand for what another descriptor stands for.
    def redirect(from, number)
      verbose, $VERBOSE = $VERBOSE, nil
      syscall(DUP3, from, number, number > 2 ? O_CLOEXEC : 0)
    ensure
      $VERBOSE = verbose
    end

    # Sends one message with descriptors; waits when the peer's queue is full.
    def transmit(socket, type, stream, payload = "", fds: [], last: 1, pid: self.pid, flags: 0)
      data = [stream, pid, 0, type, last, payload].pack("#{HEADER}a*")
      rights = fds.empty? ? [] : [Socket::AncillaryData.new(:UNIX, :SOCKET, :RIGHTS, fds.pack("i*"))]
      if flags.zero?
        socket.sendmsg(data, 0, nil, *rights)
      else
        socket.sendmsg_nonblock(data, 0, nil, *rights)
      end
    end

    # One message as [type, stream, payload, descriptors]; nil at the end, and
    # :wait when there is none yet.  The type of what is no message is -1.
    # Received descriptors are close-on-exec.
    def receive(socket, wait: true)
      data, _, _, *controls =
        if wait
          socket.recvmsg(16_384, 0, 4096, scm_rights: true)
        else
          message = socket.recvmsg_nonblock(16_384, 0, 4096, scm_rights: true, exception: false)
          return :wait if message == :wait_readable

          message
        end
      fds = controls.flat_map { |control| descriptors(control) }
      return if data.nil? || data.empty?

      if data.bytesize < HEADER_SIZE
        close_all(fds)
        return [-1, 0, "", []]
      end
      stream, _, _, type = data.unpack(HEADER)
      [type, stream, data.byteslice(HEADER_SIZE, data.bytesize), fds]
    end

    def close_all(fds)
      fds.each { |fd| IO.for_fd(fd).close }
    end

    # The text of an exception as Ruby itself would write it.
    def describe(error)
      first = error.backtrace&.first || "<margay>"
      ["#{first}: #{error.message} (#{error.class})"] + (error.backtrace || []).drop(1).map { |line| "from #{line}" }
    end

    private

    # The numbers in a control message; Ruby has made objects of them.
    def descriptors(control)
      return [] unless control.cmsg_is?(:SOCKET, :RIGHTS)

      (control.unix_rights || []).map do |io|
        io.autoclose = false
        io.fileno
      end
    end
  end

  self.pid = Process.pid
  self.mark = ""
end
