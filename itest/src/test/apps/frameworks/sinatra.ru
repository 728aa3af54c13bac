# SPDX-License-Identifier: Apache-2.0
# frozen_string_literal: true

require "rack/lint"
require "sinatra/base"

# The whole application.
class Hello < Sinatra::Base
  get("/") { "Hello from Sinatra" }
  post("/form") { "name=#{params["name"]}" }
end

use Rack::Lint
run Hello
