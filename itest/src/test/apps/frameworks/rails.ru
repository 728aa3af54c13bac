# SPDX-License-Identifier: Apache-2.0
# frozen_string_literal: true

require "logger"
require "rack/lint"
require "action_controller/railtie"

# A Rails application of one file.
class Hello < Rails::Application
  config.root = "/tmp"
  config.eager_load = true
  config.secret_key_base = "0" * 64
  config.hosts.clear
  config.logger = Logger.new(nil)
  routes.append do
    root to: "pages#index"
    post "/form", to: "pages#form"
  end
end

# Its only controller.
class PagesController < ActionController::Base
  def index
    render plain: "Hello from Rails"
  end

  def form
    render plain: "name=#{params[:name]}"
  end
end

Hello.initialize!
use Rack::Lint
run Hello
