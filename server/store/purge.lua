-- Takes commits out of a partition's feed, bytes and all. Deleting or trimming them would not do: a stream keeps a hundred
-- entries in one node and only marks as deleted those that are not all of it, and the log's rewrite writes the node as it is. So
-- what stays is read, and written into a new stream. Where nothing stays, a fence as it stands is put: the feed is never without
-- an entry, so that a tail that had not read what is gone meets the gap at once.
-- KEYS: 1 meta, 2 feed, 3 prefix of change-id buckets. Of one slot. The third is no key that there is: by it Redis Cluster refuses
-- this before it runs while the slot is being moved. Else the feed would be gone at UNLINK, and XADD refused since it is gone.
-- ARGV: 1 the position of the last entry that may go, 0: the feed's last, 2 how many may be behind what goes, 3 "1": an entry is put
-- behind it in any case, so that who waits for its position waits for the purge.
-- Answers "wait" and that position where commits up to it are not consumed, or, with the position of the feed's end, "many", or
-- "rewound" where the feed ends before it, without having written anything; else "ok".

local chunk = 256

local function number(reply) return tonumber(reply or '0') end
local function text(value) return string.format('%.0f', value) end
local function id(position) return text(position) .. '-0' end

local meta = redis.call('HMGET', KEYS[1], 'n', 'done', 'fence')
local last, done, fence = number(meta[1]), number(meta[2]), number(meta[3])
local position = tonumber(ARGV[1])
if position == 0 then position = last end

-- The last commit up to the position, 0: there is none. Behind it are fences, which nobody consumes and which tell nothing.
local function find_commit()
    local to = position
    while to > 0 do
        local entries = redis.call('XREVRANGE', KEYS[2], id(to), '-', 'COUNT', chunk)
        for _, entry in ipairs(entries) do
            to = tonumber(string.match(entry[1], '^%d+'))
            if entry[2][1] == 'c' then return to end
        end
        if #entries < chunk then return 0 end
        to = to - 1
    end
    return 0
end

if position > last then return { 'rewound', last } end
local commit = find_commit()
if commit == 0 then return { 'ok', last } end
if done < commit then return { 'wait', position } end
local most = tonumber(ARGV[2])
local function behind(entry) return redis.call('XRANGE', KEYS[2], id(entry + 1), '+', 'COUNT', most + 1) end
local cut, kept = commit, behind(commit)
-- The fences go as well where they are too many. Who has not read them meets a gap as if there had been something.
if #kept > most then cut, kept = position, behind(position) end
if #kept > most then return { 'many', last } end

redis.call('UNLINK', KEYS[2])
for _, entry in ipairs(kept) do redis.call('XADD', KEYS[2], entry[1], unpack(entry[2])) end
if cut > done then redis.call('HSET', KEYS[1], 'done', text(cut)) end
if #kept == 0 or ARGV[3] == '1' then
    last = last + 1
    redis.call('XADD', KEYS[2], id(last), 'f', text(fence))
    redis.call('HSET', KEYS[1], 'n', text(last))
end
return { 'ok', last }
