-- Writes to one partition. Validates before its first write; that one is XADD, so that a refusal (out of memory, read-only,
-- disk error, a used feed id) leaves nothing behind.
-- KEYS: 1 meta, 2 feed, then for "commit": 3 prefix of change-id buckets, 4 version, 5 entities, 6 versions of entities,
-- 7 prefix of the channel's indexes; with an entry of the audit log 8 that log. All of one slot. The prefixes are no keys
-- that there are: by them Redis Cluster refuses a commit before it runs while the slot is being moved (docs/adr/0015-slots-on-the-move.md); else a call in it could be refused midway.
-- ARGV[1]: "commit", "fence" or "consumed"; the rest is read in order by each.

local minute_ms = 60 * 1000
local bucket_ms = 13 * 60 * minute_ms
local kept_buckets = 3

local next_argument = 2
local function take()
    local value = ARGV[next_argument]
    next_argument = next_argument + 1
    return value
end
local function take_number() return tonumber(take()) end
local function number(reply) return tonumber(reply or '0') end
-- %d is the faster, and a C long, which has 32 bits on some machines.
local function text(value) return string.format(value < 2147483648 and '%d' or '%.0f', value) end

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

-- Buckets were numbered by 'day' before they were by 'bucket'.
local function read_meta()
    local meta = redis.call('HMGET', KEYS[1], 'n', 'done', 'fence', 'bucket', 'since', 'made', 'made1', 'made2', 'forgotten', 'day')
    return {
        n = number(meta[1]), done = number(meta[2]), fence = number(meta[3]),
        bucket = number(meta[4] or meta[10]), since = number(meta[5]),
        made = number(meta[6]), made1 = number(meta[7]), made2 = number(meta[8]), forgotten = number(meta[9]),
    }
end

-- A change id's record is "<version>:<feed position>:<fingerprint>". The buckets are numbered in the order of their use.
local function find_change(meta, id)
    for bucket = meta.bucket, meta.bucket - kept_buckets + 1, -1 do
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

-- Keys that go without a trace, for HDEL and ZREM. The feed has them as entities without a value, which is what a reader makes of
-- it that does not know 'g'.
local function take_forgotten(count, feed_fields)
    local keys = {}
    for i = 1, count do
        keys[i] = take()
        feed_fields[#feed_fields + 1] = 'k'
        feed_fields[#feed_fields + 1] = keys[i]
        feed_fields[#feed_fields + 1] = 'g'
        feed_fields[#feed_fields + 1] = ''
    end
    return keys
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

-- Begins a new bucket when the present one has been in use for long enough. Of a clock that leaps, only a leap ahead turns
-- the buckets early, and once: nothing expires by itself. True: they were turned.
local function turn_buckets(meta, now)
    if now < meta.since then
        meta.since, meta.forgotten = now, math.min(meta.forgotten, now)
    elseif now - meta.since >= bucket_ms then
        meta.forgotten = math.max(meta.forgotten, math.min(meta.made2, now))
        meta.made, meta.made1, meta.made2 = 0, meta.made, meta.made1
        meta.bucket, meta.since = meta.bucket + 1, now
        return true
    end
    return false
end

-- Each bucket's latest made_at is kept, rounded up so that it is seldom written: whatever was made later than those that
-- were forgotten is none of them.
local function remember_change(meta, now, made_at, id, record)
    local since = meta.since
    local turned = turn_buckets(meta, now)
    local later = made_at > meta.made
    if later then meta.made = math.ceil(made_at / minute_ms) * minute_ms end
    if later or meta.since ~= since then
        redis.call('HSET', KEYS[1], 'bucket', text(meta.bucket), 'since', text(meta.since), 'made', text(meta.made),
            'made1', text(meta.made1), 'made2', text(meta.made2), 'forgotten', text(meta.forgotten))
    end
    redis.call('HSET', KEYS[3] .. text(meta.bucket), id, record)
    if turned then redis.call('UNLINK', KEYS[3] .. text(meta.bucket - kept_buckets)) end
end

-- What time says about a change whose id is not known; nothing: it may be done.
local function untimely(meta, now, made_at, window, tolerance)
    if made_at == 0 then return nil end
    if made_at > now + tolerance then return 'future' end
    if made_at < now - window or made_at <= meta.forgotten then return 'expired' end
    return nil
end

-- A feed entry that says nothing, so that what is written beside it is replicated before its position is released.
local function mark(meta)
    meta.n = meta.n + 1
    redis.call('XADD', KEYS[2], text(meta.n) .. '-0', 'f', text(meta.fence))
    redis.call('HSET', KEYS[1], 'n', text(meta.n))
end

-- The audit log's entry of this commit, whose place was worked out before: what it follows must still be the last one.
local function take_audit()
    if not KEYS[8] then return nil end
    return { follows = take_number(), digest_before = take(), digest = take(), entry = take() }
end

-- Nothing: it may be written.
local function misplaced(audit)
    local log = redis.call('HMGET', KEYS[8], 'n', 'head', text(audit.follows + 1))
    local count, head = number(log[1]), log[2] or ''
    if not count then return { 'audit_broken', 0, 0 } end
    if count ~= audit.follows or head ~= audit.digest_before then return { 'audit', count, head } end
    if log[3] then return { 'audit_broken', 0, 0 } end
    return nil
end

local function write_audit(audit)
    local name = text(audit.follows + 1)
    redis.call('HSET', KEYS[8], name, audit.digest .. audit.entry, 'n', name, 'head', audit.digest)
end

-- keep: '1': the change id is remembered also where nothing changes, '2': and the feed tells of it, '3': and it is remembered
-- as set aside, with version 0.
local function commit()
    local channel, id, fingerprint = take(), take(), take()
    local made_at, window, tolerance, directory = take_number(), take_number(), take_number(), take_number()
    local length, backlog, effects, keep = take_number(), take_number(), take(), take()
    local audit = take_audit()
    local meta, now = read_meta(), now_ms()

    local known = find_change(meta, id)
    if known then
        if known.fingerprint ~= fingerprint then return { 'conflict' } end
        return { 'repeated', known.version, known.position }
    end
    local refusal = untimely(meta, now, made_at, window, tolerance)
    if refusal then return { refusal } end
    if directory < meta.fence then return { 'fence', meta.fence } end
    local unexpected = find_unexpected(take_expectations())
    if #unexpected > 0 then return { 'expect', number(redis.call('GET', KEYS[4])), unpack(unexpected) } end
    local taken = audit and misplaced(audit)
    if taken then return taken end
    local version = number(redis.call('GET', KEYS[4]))
    local puts, forgets = take_number(), take_number()
    if puts + forgets == 0 then
        -- Accepted, and nothing to change: repeated later, it must not be decided anew.
        if keep == '3' and meta.n - meta.done >= backlog then return { 'backlog' } end
        local told = keep == '3' and 0 or version
        if keep == '2' or keep == '3' or audit then mark(meta) end
        if audit then write_audit(audit) end
        if keep ~= '0' then remember_change(meta, now, made_at, id, text(told) .. ':' .. text(meta.n) .. ':' .. fingerprint) end
        return { 'ok', told, meta.n }
    end
    if meta.n - meta.done >= backlog then return { 'backlog' } end

    version = version + 1
    local position = meta.n + 1
    local fields = { 'c', channel, 'v', text(version) }
    if effects ~= '' then
        fields[5], fields[6] = 'x', effects
    end
    local values, scores = take_puts(puts, version, fields)
    local forgotten = take_forgotten(forgets, fields)
    redis.call('XADD', KEYS[2], 'MINID', '~', text(trim_bound(meta, position, length) + 1) .. '-0', text(position) .. '-0',
        unpack(fields))
    redis.call('HSET', KEYS[1], 'n', text(position))
    redis.call('SET', KEYS[4], text(version))
    if audit then write_audit(audit) end
    if puts > 0 then
        redis.call('HSET', KEYS[5], unpack(values))
        redis.call('ZADD', KEYS[6], unpack(scores))
    end
    if forgets > 0 then
        redis.call('HDEL', KEYS[5], unpack(forgotten))
        redis.call('ZREM', KEYS[6], unpack(forgotten))
    end
    change_indexes(version)
    remember_change(meta, now, made_at, id, text(version) .. ':' .. text(position) .. ':' .. fingerprint)
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
