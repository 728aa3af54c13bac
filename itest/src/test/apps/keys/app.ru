# SPDX-License-Identifier: Apache-2.0
# Each key of the environment with its value, as far as that is text.
shown = lambda do |value|
  case value
  when String, true, false, nil then value.to_s
  when Array then value.inspect
  else value.class.name.start_with?("Margay::") ? value.inspect : "object"
  end
end
run ->(env) { [200, { "content-type" => "text/plain" }, env.keys.sort.map { |key| "#{key}=#{shown.call(env[key])}\n" }] }
