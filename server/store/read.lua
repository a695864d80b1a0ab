-- Reads of one channel, each at one moment. Writes nothing.
-- KEYS: 1 meta, 2 version, 3 entities, 4 versions of entities; for "index": 5 the index, 6 prefix of the counted
-- indexes; for "count": from 5 on the indexes. All of one slot.
-- ARGV[1]: "sync", "entities", "index" or "count"; the rest is read in order by each.
-- Answers { feed position, channel's version, ... }.

local chunk = 100  -- keys in one call: unpack() has a limit, and so has what a budget may overshoot
local overhead = 32  -- bytes of an entity in an answer, beside its key and its value

local function number(reply) return tonumber(reply or '0') end

-- Appends the versions and values of keys[#values + 1] to keys[last] to these lists; returns how many bytes they are.
local function fetch_more(keys, versions, values, last)
    local first, bytes = #values + 1, 0
    local scores = redis.call('ZMSCORE', KEYS[4], unpack(keys, first, last))
    local found = redis.call('HMGET', KEYS[3], unpack(keys, first, last))
    for i = 1, last - first + 1 do
        versions[#versions + 1] = number(scores[i])
        values[#values + 1] = found[i] or ''
        bytes = bytes + #keys[first + i - 1] + #values[#values] + overhead
    end
    return bytes
end

-- Versions and values of entities, two lists in the order of the keys; as many as the budget of bytes needs, 0: all.
local function fetch(keys, budget)
    local versions, values, bytes = {}, {}, 0
    while #values < #keys and (budget == 0 or bytes <= budget) do
        bytes = bytes + fetch_more(keys, versions, values, math.min(#values + chunk, #keys))
    end
    return versions, values
end

-- Members and scores, two lists. A count of -1: all.
local function range(key, low, high, descending, count)
    local flat
    if descending then
        flat = redis.call('ZREVRANGEBYSCORE', key, high, low, 'WITHSCORES', 'LIMIT', 0, count)
    else
        flat = redis.call('ZRANGEBYSCORE', key, low, high, 'WITHSCORES', 'LIMIT', 0, count)
    end
    local members, scores = {}, {}
    for i = 1, #flat, 2 do
        members[#members + 1] = flat[i]
        scores[#scores + 1] = tonumber(flat[i + 1])
    end
    return members, scores
end

-- A slice that never ends amid members of one score, since the next one starts behind the last score.
local function page(key, low, high, descending, limit)
    local members, scores = range(key, low, high, descending, limit + 1)
    if #members <= limit then return members, scores, 0 end
    local cut = scores[#scores]
    while #scores > 0 and scores[#scores] == cut do
        members[#members] = nil
        scores[#scores] = nil
    end
    if #members > 0 then return members, scores, 1 end
    local same = string.format('%.0f', cut)
    members, scores = range(key, same, same, descending, -1)
    local rest
    if descending then
        rest = range(key, low, '(' .. same, true, 1)
    else
        rest = range(key, '(' .. same, high, false, 1)
    end
    return members, scores, #rest
end

local position = number(redis.call('HGET', KEYS[1], 'n'))
local version = number(redis.call('GET', KEYS[2]))

-- How many entities fit into the budget: at least those of one commit, and never a part of one.
local function fitting(keys, versions, values, budget)
    if budget == 0 then return #keys end
    local bytes, whole = 0, 0
    for i = 1, #values do
        bytes = bytes + #keys[i] + #values[i] + overhead
        if bytes > budget and whole > 0 then return whole end
        if versions[i + 1] ~= versions[i] then whole = i end
    end
    return #values
end

-- ARGV: since, limit, budget of bytes. Adds: reached, more, unknown, { key, version, value, ... }.
local function sync()
    local since, limit, budget = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
    if since > version then return { position, version, version, 0, 1, {} } end
    local keys, _, more = page(KEYS[4], '(' .. ARGV[2], '+inf', false, limit)
    local versions, values = fetch(keys, budget)
    local count = fitting(keys, versions, values, budget)
    if count < #keys then more = 1 end
    local rows = {}
    for i = 1, count do
        rows[#rows + 1] = keys[i]
        rows[#rows + 1] = versions[i]
        rows[#rows + 1] = values[i]
    end
    return { position, version, more == 1 and versions[count] or version, more, 0, rows }
end

-- ARGV: keys. Adds: { version, value, ... }.
local function entities()
    local keys = {}
    for i = 2, #ARGV do keys[#keys + 1] = ARGV[i] end
    local versions, values = fetch(keys, 0)
    local rows = {}
    for i = 1, #versions do
        rows[#rows + 1] = versions[i]
        rows[#rows + 1] = values[i]
    end
    return { position, version, rows }
end

-- ARGV: low, high, descending, limit, counts, budget of bytes, prefixes. Adds: more, { { member, score, count, key, version, value, ... }, ... }.
local function index()
    local members, scores, more = page(KEYS[5], ARGV[2], ARGV[3], ARGV[4] == '1', tonumber(ARGV[5]))
    local counts, budget, bytes = ARGV[6] == '1', tonumber(ARGV[7]), 0
    local prefixes, names, keys = #ARGV - 7, {}, {}
    for i, member in ipairs(members) do
        names[i] = string.match(member, '^[^.]*')
        for p = 8, #ARGV do keys[#keys + 1] = ARGV[p] .. names[i] end
    end
    -- In few calls, until the budget is spent. Rows of one score may go on behind that.
    local versions, values = fetch(keys, budget)
    local rows = {}
    for i, member in ipairs(members) do
        if budget > 0 and bytes > budget and scores[i] ~= scores[i - 1] then
            more = 1
            break
        end
        local last = i * prefixes
        if #values < last then fetch_more(keys, versions, values, last) end
        local row = { member, scores[i], counts and redis.call('ZCARD', KEYS[6] .. names[i]) or 0 }
        for k = last - prefixes + 1, last do
            row[#row + 1] = keys[k]
            row[#row + 1] = versions[k]
            row[#row + 1] = values[k]
            bytes = bytes + #keys[k] + #values[k] + overhead
        end
        rows[#rows + 1] = row
    end
    return { position, version, more, rows }
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

local operations = { sync = sync, entities = entities, index = index, count = count }
return operations[ARGV[1]]()
