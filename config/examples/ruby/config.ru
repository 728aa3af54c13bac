# SPDX-License-Identifier: Apache-2.0
# frozen_string_literal: true

# The application of `./margay demo --language ruby`: greets, and shows what the server told it of the request.
NAMES = %w[REQUEST_METHOD PATH_INFO QUERY_STRING REMOTE_ADDR SERVER_PROTOCOL].freeze

run(lambda do |env|
  body = "Hello from Margay.\n\n#{NAMES.map { |name| "#{name}: #{env[name]}\n" }.join}"
  [200, { "content-type" => "text/plain", "content-length" => body.bytesize.to_s }, [body]]
end)
