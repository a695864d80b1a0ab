-- Reads of one channel, each at one moment. Writes nothing.
-- KEYS: 1 meta, 2 version, 3 entities, 4 versions of entities; for "index": 5 the index, 6 prefix of the counted
-- indexes, no key that there is; for "count": from 5 on the indexes; for "audit": 5 the log. All of one slot.
-- ARGV[1]: "sync", "entities", "index", "count" or "audit"; the rest is read in order by each.
-- Answers { feed position, channel's version, ... }.

local chunk = 100  -- keys in one call: unpack() has a limit, and so has what a budget may overshoot
local overhead = 32  -- bytes of an entity in an answer, beside its key and its value

local function number(reply) return tonumber(reply or '0') end

local function size_of(key, value) return #key + (value and #value or 0) + overhead end

-- Appends the values of keys[#values + 1] to keys[last], false for what has never been. Returns how many bytes they are.
local function fetch_more(keys, values, last)
    local first, bytes = #values + 1, 0
    local found = redis.call('HMGET', KEYS[3], unpack(keys, first, last))
    for i = first, last do
        local value = found[i - first + 1]
        values[i] = value
        bytes = bytes + size_of(keys[i], value)
    end
    return bytes
end

-- Values of entities in the order of the keys; as many as the budget of bytes needs, 0: all.
local function fetch(keys, budget)
    local values, bytes = {}, 0
    while #values < #keys and (budget == 0 or bytes <= budget) do
        bytes = bytes + fetch_more(keys, values, math.min(#values + chunk, #keys))
    end
    return values
end

-- Versions of the entities that are or have been, in the order of the keys.
local function versions_of(keys, values)
    local known, versions = {}, {}
    for i = 1, #values do
        if values[i] then known[#known + 1] = keys[i] end
    end
    for first = 1, #known, chunk do
        local scores = redis.call('ZMSCORE', KEYS[4], unpack(known, first, math.min(first + chunk - 1, #known)))
        for i = 1, #scores do versions[#versions + 1] = scores[i] end
    end
    return versions
end

-- { member, score, ... }. A count of -1: all.
local function range(key, low, high, descending, count)
    if descending then return redis.call('ZREVRANGEBYSCORE', key, high, low, 'WITHSCORES', 'LIMIT', 0, count) end
    return redis.call('ZRANGEBYSCORE', key, low, high, 'WITHSCORES', 'LIMIT', 0, count)
end

-- A slice that never ends amid members of one score, since the next one starts behind the last score: { member, score, ... },
-- how many of its members are meant, and whether there is more.
local function page(key, low, high, descending, limit)
    local flat = range(key, low, high, descending, limit + 1)
    local count = #flat / 2
    if count <= limit then return flat, count, 0 end
    local cut = flat[2 * count]
    while count > 0 and flat[2 * count] == cut do count = count - 1 end
    if count > 0 then return flat, count, 1 end
    local same = range(key, cut, cut, descending, -1)
    local rest
    if descending then
        rest = range(key, low, '(' .. cut, true, 1)
    else
        rest = range(key, '(' .. cut, high, false, 1)
    end
    return same, #same / 2, #rest / 2
end

local meta = redis.call('HMGET', KEYS[1], 'n', 'epoch')
local position, epoch = number(meta[1]), number(meta[2])
local version = number(redis.call('GET', KEYS[2]))

-- How many entities fit into the budget: at least those of one commit, and never a part of one.
local function fitting(keys, versions, values, budget)
    if budget == 0 then return #keys end
    local bytes, whole = 0, 0
    for i = 1, #values do
        bytes = bytes + size_of(keys[i], values[i])
        if bytes > budget and whole > 0 then return whole end
        if versions[i + 1] ~= versions[i] then whole = i end
    end
    return #values
end

-- ARGV: since, limit, budget of bytes, the epoch that since is of, or nothing. Adds: reached, more, unknown,
-- { key, version, value, ... }, epoch.
local function sync()
    local since, limit, budget = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
    local other = since > 0 and ARGV[5] ~= '' and tonumber(ARGV[5]) ~= epoch
    if since > version or other then return { position, version, version, 0, 1, {}, epoch } end
    local flat, size, more = page(KEYS[4], '(' .. ARGV[2], '+inf', false, limit)
    local keys, versions = {}, {}
    for i = 1, size do keys[i], versions[i] = flat[2 * i - 1], flat[2 * i] end
    local values = fetch(keys, budget)
    while #values < #keys and versions[#values + 1] == versions[1] do  -- one commit that is larger than the budget
        fetch_more(keys, values, math.min(#values + chunk, #keys))
    end
    local count = fitting(keys, versions, values, budget)
    if count < #keys then more = 1 end
    local rows = {}
    for i = 1, count do
        rows[3 * i - 2] = keys[i]
        rows[3 * i - 1] = versions[i]
        rows[3 * i] = values[i]
    end
    return { position, version, more == 1 and versions[count] or version, more, 0, rows, epoch }
end

-- ARGV: keys. Adds: { value, ... }, { version, ... } of those values that are there.
local function entities()
    local keys = {}
    for i = 2, #ARGV do keys[i - 1] = ARGV[i] end
    local values = fetch(keys, 0)
    return { position, version, values, versions_of(keys, values) }
end

-- ARGV: low, high, descending, limit, counts, budget of bytes, prefixes. Adds: more, rows, { member, score, ... } of these
-- rows and maybe further ones, { count, ... }, { value, ... } with one of each prefix for each row, and { version, ... } of
-- those values that are there, and the epoch. Columns, since a table for each row would cost more than all else.
local function index()
    local flat, size, more = page(KEYS[5], ARGV[2], ARGV[3], ARGV[4] == '1', tonumber(ARGV[5]))
    local budget, bytes, rows = tonumber(ARGV[7]), 0, size
    local prefixes, names, keys = #ARGV - 7, {}, {}
    for i = 1, size do
        names[i] = string.match(flat[2 * i - 1], '^[^.]*')
        for p = 1, prefixes do keys[#keys + 1] = ARGV[7 + p] .. names[i] end
    end
    -- In few calls, until the budget is spent. Rows of one score may go on behind that.
    local values = fetch(keys, budget)
    if budget > 0 then
        for i = 1, size do
            if bytes > budget and flat[2 * i] ~= flat[2 * i - 2] then
                rows, more = i - 1, 1
                break
            end
            if #values < i * prefixes then fetch_more(keys, values, i * prefixes) end
            for k = (i - 1) * prefixes + 1, i * prefixes do bytes = bytes + size_of(keys[k], values[k]) end
        end
    end
    for k = #values, rows * prefixes + 1, -1 do values[k] = nil end
    local counts = {}
    if ARGV[6] == '1' then
        for i = 1, rows do counts[i] = redis.call('ZCARD', KEYS[6] .. names[i]) end
    end
    return { position, version, more, rows, flat, counts, values, versions_of(keys, values), epoch }
end

-- ARGV: high, limit, number of excluded parts, these parts, and a low for each index. Adds: { count, ... }, of the first
-- members of each index, up to the limit, those whose part behind '.' is not excluded.
local function count()
    local high, limit, lows = ARGV[2], tonumber(ARGV[3]), 5 + tonumber(ARGV[4])
    local excluded = {}
    for i = 5, lows - 1 do excluded[ARGV[i]] = true end
    local counts = {}
    for i = 5, #KEYS do
        local members = redis.call('ZRANGEBYSCORE', KEYS[i], ARGV[lows + i - 5], high, 'LIMIT', 0, limit)
        local counted = 0
        for _, member in ipairs(members) do
            if not excluded[string.match(member, '%.(.*)$') or ''] then counted = counted + 1 end
        end
        counts[#counts + 1] = counted
    end
    return { position, version, counts }
end

-- KEYS[5]: the audit log. ARGV: number of an entry, limit, budget of bytes. Adds: number of entries, the last one's digest,
-- { entry, ... } of those behind it, false for what is missing.
local function audit()
    local after, limit, budget = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
    local log = redis.call('HMGET', KEYS[5], 'n', 'head')
    local count = number(log[1]) or 0
    local last = math.min(count, after + limit)
    local entries, bytes, at = {}, 0, after
    while at < last and (budget == 0 or bytes <= budget) do
        local names = {}
        for n = at + 1, math.min(at + chunk, last) do names[#names + 1] = string.format('%.0f', n) end
        for _, entry in ipairs(redis.call('HMGET', KEYS[5], unpack(names))) do
            if budget > 0 and bytes > budget then break end
            entries[#entries + 1] = entry
            bytes = bytes + size_of('', entry)
        end
        at = after + #entries
    end
    return { position, 0, count, log[2] or '', entries }
end

local operations = { sync = sync, entities = entities, index = index, count = count, audit = audit }
return operations[ARGV[1]]()
