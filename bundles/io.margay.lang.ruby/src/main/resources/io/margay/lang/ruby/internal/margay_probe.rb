# SPDX-License-Identifier: Apache-2.0
# Prints what the server wants to know about this interpreter, as JSON.
require "rbconfig"
require "socket"

exit 1 if RUBY_ENGINE != "ruby" || (RUBY_VERSION.split(".").map(&:to_i) <=> [3, 1]).negative?
exit 1 unless RUBY_PLATFORM.match?(/\A(x86_64|aarch64)-linux/)

# An application with a root directory of its own starts the interpreter inside
# that root, so it needs the program, its libraries and the modules.
config = RbConfig::CONFIG
program = RbConfig.ruby
places = [File.dirname(program), File.dirname(File.realpath(program)), *$LOAD_PATH, *Gem.path,
          config["rubylibprefix"], config["rubylibdir"], config["topdir"], config["sitedir"], config["vendordir"],
          config["rubyarchdir"], "/usr/lib/locale", "/usr/share/rubygems-integration"]
# Debian's gems are files of one more directory each.
begin
  places.concat(File.readlines("/proc/self/maps").map { |line| line[%r{ (/\S+\.so\S*)$}, 1] }.compact
    .map { |path| File.dirname(path) })
rescue SystemCallError
  # Without /proc there is less to see.
end
# The loader is asked for by the name in the program, and it may be a link that
# leads through /lib, which is a link itself where /usr is merged.
if File.directory?("/lib64")
  places << "/lib64"
  places.concat(places.select { |place| place.start_with?("/usr/lib/") && File.file?("#{place}/libc.so.6") }
    .map { |place| place.delete_prefix("/usr") })
else
  places << "/lib"
end

mounts = []
places.compact.uniq.select { |place| place.start_with?("/") && File.directory?(place) }.sort.each do |place|
  # What lies below a directory that is mounted already comes with it.
  mounts << place unless mounts.any? { |other| place.start_with?("#{other}/") }
end
quote = ->(text) { %("#{text.gsub(/["\\]/) { |c| "\\#{c}" }.gsub(/[\x00-\x1f]/) { |c| format("\\u%04x", c.ord) }}") }
list = mounts.map { |place| "{\"src\": #{quote[File.realpath(place)]}, \"dst\": #{quote[place]}}" }
puts "{\"version\": #{quote[RUBY_VERSION]}, \"file\": #{quote[program]}, \"mounts\": [#{list.join(", ")}]}"
