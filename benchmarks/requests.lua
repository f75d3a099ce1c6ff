-- For wrk: sends the requests of a file, drawn at random ("random", and a seed) or one after the other ("in_order", and
-- how many to leave out at first), and prints what came of it as one line of JSON. Each request in the file is its length
-- in decimal, a line's end, and its bytes.

local requests, last, order = {}, 0, "random"

function init(arguments)
  order = arguments[2]
  last = tonumber(arguments[3])
  math.randomseed(last)
  local file = assert(io.open(arguments[1], "rb"))
  local length = file:read("*n")
  while length do
    file:read(1)
    requests[#requests + 1] = file:read(length)
    length = file:read("*n")
  end
  file:close()
end

function request()
  if order == "random" then
    return requests[math.random(#requests)]
  end
  last = last % #requests + 1
  return requests[last]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
