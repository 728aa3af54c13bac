# SPDX-License-Identifier: Apache-2.0
# Early hints of Rack.
run(lambda do |env|
  env["rack.early_hints"].call("link" => case env["PATH_INFO"]
                                         when "/split" then "</a>\r\nX-Evil: b"
                                         else "</style.css>; rel=preload\n</more>; rel=preload"
                                         end)
  [200, { "content-type" => "text/plain" }, ["some text"]]
end)
