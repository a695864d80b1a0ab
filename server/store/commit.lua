-- Writes to one partition. Validates before its first write; that one is XADD, so that a refusal (out of memory, read-only,
-- disk error, a used feed id) leaves nothing behind.
-- KEYS: 1 meta, 2 feed, then for "commit": 3 prefix of change-id buckets, 4 version, 5 entities, 6 versions of entities,
-- 7 prefix of the channel's indexes. All of one slot.
-- ARGV[1]: "commit", "fence" or "consumed"; the rest is read in order by each.

local hour_ms = 3600 * 1000
local bucket_ms = 26 * hour_ms

local next_argument = 2
local function take()
    local value = ARGV[next_argument]
    next_argument = next_argument + 1
    return value
end
local function take_number() return tonumber(take()) end
local function number(reply) return tonumber(reply or '0') end
local function text(value) return string.format('%.0f', value) end

local function varint(value)
    local bytes = {}
    while value >= 128 do
        bytes[#bytes + 1] = string.char(value % 128 + 128)
        value = math.floor(value / 128)
    end
    bytes[#bytes + 1] = string.char(value)
    return table.concat(bytes)
end

-- Protobuf field outer{ inner: version }, from the two tag bytes.
local function self_field(tags, version)
    if tags == '' then return '' end
    local value = varint(version)
    return string.sub(tags, 1, 1) .. string.char(1 + #value) .. string.sub(tags, 2, 2) .. value
end

local function now_ms()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function read_meta()
    local meta = redis.call('HMGET', KEYS[1], 'n', 'done', 'fence', 'day', 'before')
    return {
        n = number(meta[1]), done = number(meta[2]), fence = number(meta[3]),
        day = number(meta[4]), before = number(meta[5]),
    }
end

-- The present bucket of change ids and the one in use before it. By use, not by number: a clock that leaps ahead and is set
-- right again hides neither. Never back.
local function buckets(meta, now)
    local day = math.floor(now / bucket_ms)
    if day <= meta.day then return meta.day, meta.before end
    return day, meta.day
end

-- A change id's record is "<version>:<feed position>:<fingerprint>".
local function find_change(day, before, id)
    for _, bucket in ipairs({ day, before }) do
        local record = redis.call('HGET', KEYS[3] .. text(bucket), id)
        if record then
            local version, position, fingerprint = string.match(record, '^(%d+):(%d+):(.*)$')
            return { version = tonumber(version), position = tonumber(position), fingerprint = fingerprint }
        end
    end
    return nil
end

local function take_expectations()
    local keys, versions = {}, {}
    for i = 1, take_number() do
        keys[i] = take()
        versions[i] = take_number()
    end
    return keys, versions
end

-- What is not as expected, as it is: { key, version, value, ... }, so that the next decision needs no read before it.
local function find_unexpected(keys, versions)
    if #keys == 0 then return {} end
    local scores = redis.call('ZMSCORE', KEYS[6], unpack(keys))
    local unexpected = {}
    for i, score in ipairs(scores) do
        if number(score) ~= versions[i] then
            unexpected[#unexpected + 1] = keys[i]
            unexpected[#unexpected + 1] = number(score)
            unexpected[#unexpected + 1] = redis.call('HGET', KEYS[5], keys[i]) or ''
        end
    end
    return unexpected
end

-- Puts as flat lists for XADD, HSET and ZADD.
local function take_puts(count, version, feed_fields)
    local name = text(version)
    local values, scores = {}, {}
    for _ = 1, count do
        local key = string.gsub(take(), '@', name)
        local value = take()
        value = value .. self_field(take(), version)
        feed_fields[#feed_fields + 1] = 'k'
        feed_fields[#feed_fields + 1] = key
        feed_fields[#feed_fields + 1] = 'd'
        feed_fields[#feed_fields + 1] = value
        values[#values + 1] = key
        values[#values + 1] = value
        scores[#scores + 1] = name
        scores[#scores + 1] = key
    end
    return values, scores
end

local function change_indexes(version)
    local name = text(version)
    for _ = 1, take_number() do
        local index = KEYS[7] .. string.gsub(take(), '@', name)
        local member = string.gsub(take(), '@', name)
        local score = take()
        if take() == '1' then
            redis.call('ZREM', index, member)
        else
            redis.call('ZADD', index, score == '0' and name or score, member)
        end
    end
end

-- The last position that may go: consumed, and not among the newest `length`.
local function trim_bound(meta, position, length) return math.max(0, math.min(meta.done, position - length)) end

local function remember_change(meta, day, before, id, record)
    local bucket = KEYS[3] .. text(day)
    redis.call('HSET', bucket, id, record)
    if day > meta.day then
        redis.call('EXPIREAT', bucket, text(((day + 2) * bucket_ms + hour_ms) / 1000))
        redis.call('HSET', KEYS[1], 'day', text(day), 'before', text(before))
    end
end

local function commit()
    local channel, id, fingerprint = take(), take(), take()
    local made_at, window, tolerance, directory = take_number(), take_number(), take_number(), take_number()
    local length, backlog, effects, keep = take_number(), take_number(), take(), take() == '1'
    local meta, now = read_meta(), now_ms()
    local day, before = buckets(meta, now)

    local known = find_change(day, before, id)
    if known then
        if known.fingerprint ~= fingerprint then return { 'conflict' } end
        return { 'repeated', known.version, known.position }
    end
    if made_at > now + tolerance then return { 'future' } end
    if made_at ~= 0 and made_at < now - window then return { 'expired' } end
    if directory < meta.fence then return { 'fence', meta.fence } end
    local unexpected = find_unexpected(take_expectations())
    if #unexpected > 0 then return { 'expect', unpack(unexpected) } end
    local version = number(redis.call('GET', KEYS[4]))
    local puts = take_number()
    if puts == 0 then
        -- Accepted, and nothing to change: repeated later, it must not be decided anew.
        if keep then remember_change(meta, day, before, id, text(version) .. ':' .. text(meta.n) .. ':' .. fingerprint) end
        return { 'ok', version, meta.n }
    end
    if meta.n - meta.done >= backlog then return { 'backlog' } end

    version = version + 1
    local position = meta.n + 1
    local fields = { 'c', channel, 'v', text(version) }
    if effects ~= '' then
        fields[5], fields[6] = 'x', effects
    end
    local values, scores = take_puts(puts, version, fields)
    redis.call('XADD', KEYS[2], 'MINID', '~', text(trim_bound(meta, position, length) + 1) .. '-0', text(position) .. '-0',
        unpack(fields))
    redis.call('HSET', KEYS[1], 'n', text(position))
    redis.call('SET', KEYS[4], text(version))
    redis.call('HSET', KEYS[5], unpack(values))
    redis.call('ZADD', KEYS[6], unpack(scores))
    change_indexes(version)
    remember_change(meta, day, before, id, text(version) .. ':' .. text(position) .. ':' .. fingerprint)
    return { 'ok', version, position }
end

-- The fence rises only; where it does not, the feed gets nothing.
local function fence()
    local version, meta = take_number(), read_meta()
    if version <= meta.fence then return { 'ok', meta.fence, meta.n } end
    local position = meta.n + 1
    redis.call('XADD', KEYS[2], text(position) .. '-0', 'f', text(version))
    redis.call('HSET', KEYS[1], 'n', text(position), 'fence', text(version))
    return { 'ok', version, position }
end

-- A feed that ends before what its reader has met was rewound by a restored backup: what it has consumed means nothing there.
local function consumed()
    local done, released, meta = take_number(), take_number(), read_meta()
    if released > meta.n then return { 'ok', meta.done, meta.n } end
    if done > meta.done then redis.call('HSET', KEYS[1], 'done', text(done)) end
    return { 'ok', math.max(done, meta.done), meta.n }
end

local operations = { commit = commit, fence = fence, consumed = consumed }
return operations[ARGV[1]]()
