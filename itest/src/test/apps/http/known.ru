# SPDX-License-Identifier: Apache-2.0
# The same application as known.py, for servers of Rack.
run lambda { |env| [200, {"Content-Type" => "text/plain"}, ["#{env['REQUEST_METHOD']} #{env['PATH_INFO']} #{env['QUERY_STRING']} #{env['rack.input'].read.size}"]] }
