// A file system in memory that loses on command what was not synced, as a machine does that loses its power. For tests
// of durability:
//
//   foorumi_forgetful_fs -f DIRECTORY      mounts it there until it is unmounted
//   echo drop >DIRECTORY/.control          the power goes: back to what is on the "disk". Nothing may have a file open
//   echo sync >DIRECTORY/.control          everything is on the disk, as long after it was written
//
// The model is strict, stricter than ext4: the content and the length of a file are on the disk as of its last fsync or
// fdatasync, and the names in a directory (what was created, renamed, removed) as of the last fsync of that directory
// itself. A file whose name is there and that was never synced is empty. Modes, owners and times are not lost. Symbolic
// and hard links are not there.
#define FUSE_USE_VERSION 31
#include <fuse3/fuse.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view control_path = "/.control";

struct Inode;
using InodePtr = std::shared_ptr<Inode>;
using Entries = std::map<std::string, InodePtr, std::less<>>;

// A file or a directory: what is there, and what is on the disk.
struct Inode {
    explicit Inode(mode_t mode_given) : mode(mode_given) {
        static ino_t last_number = 0;
        number = ++last_number;
        const auto* caller = fuse_get_context();
        owner = caller != nullptr ? caller->uid : 0;
        group = caller != nullptr ? caller->gid : 0;
        touch();
    }

    [[nodiscard]] bool is_directory() const { return S_ISDIR(mode); }

    void touch() { clock_gettime(CLOCK_REALTIME, &modified); }

    // Of the content, [from, to) differs from the disk; as one range with what differs already.
    void soil(std::size_t from, std::size_t to) {
        dirty_from = dirty_to == 0 ? from : std::min(dirty_from, from);
        dirty_to = std::max(dirty_to, to);
        touch();
    }

    void resize(std::size_t size) {
        soil(std::min(size, content.size()), std::max(size, content.size()));
        content.resize(size);
    }

    void sync_content() {
        synced_content.resize(content.size());
        const auto end = std::min(dirty_to, content.size());
        if (dirty_from < end) {
            std::memcpy(synced_content.data() + dirty_from, content.data() + dirty_from, end - dirty_from);
        }
        dirty_from = dirty_to = 0;
    }

    ino_t number;
    mode_t mode;
    uid_t owner;
    gid_t group;
    timespec modified{};
    std::string content, synced_content;
    std::size_t dirty_from = 0, dirty_to = 0;
    Entries entries, synced_entries;
};

// The tree below the mount point. fuse calls from one thread only (-s).
InodePtr& root() {
    static auto node = std::make_shared<Inode>(S_IFDIR | 0755U);
    return node;
}

void sync_all(Inode& node) {
    node.sync_content();
    node.synced_entries = node.entries;
    for (auto& [name, child] : node.entries) {
        sync_all(*child);
    }
}

void drop_unsynced(Inode& node) {
    node.content = node.synced_content;
    node.dirty_from = node.dirty_to = 0;
    node.entries = node.synced_entries;
    for (auto& [name, child] : node.entries) {
        drop_unsynced(*child);
    }
}

// What commands are written to. It stands in no directory.
InodePtr& control() {
    static auto node = std::make_shared<Inode>(S_IFREG | 0600U);
    return node;
}

InodePtr find(std::string_view path) {
    if (path == control_path) {
        return control();
    }
    auto node = root();
    while (!path.empty() && node) {
        path.remove_prefix(1);  // the slash
        const auto name = path.substr(0, path.find('/'));
        path.remove_prefix(name.size());
        if (name.empty()) {
            continue;
        }
        const auto found = node->entries.find(name);
        node = found == node->entries.end() ? nullptr : found->second;
    }
    return node;
}

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

InodePtr parent_of(std::string_view path) { return find(path.substr(0, path.rfind('/'))); }

// An open file is named by its handle, for it may have no name any more.
InodePtr opened(const char* path, const fuse_file_info* info) {
    if (info != nullptr && info->fh != 0) {
        return *reinterpret_cast<InodePtr*>(info->fh);  // NOLINT(performance-no-int-to-ptr): what fuse keeps for us
    }
    return path != nullptr ? find(path) : nullptr;
}

void open_as(const InodePtr& node, fuse_file_info* info) {
    info->fh = reinterpret_cast<std::uint64_t>(new InodePtr(node));
    info->direct_io = 1;  // no cache of the kernel's may outlive a loss of power
}

int do_getattr(const char* path, struct stat* out, fuse_file_info* info) {
    *out = {};
    const auto node = opened(path, info);
    if (!node) {
        return -ENOENT;
    }
    out->st_ino = node->number;
    out->st_mode = node->mode;
    out->st_nlink = 1;
    out->st_uid = node->owner;
    out->st_gid = node->group;
    out->st_size = static_cast<off_t>(node->content.size());
    out->st_blocks = (out->st_size + 511) / 512;
    out->st_atim = out->st_mtim = out->st_ctim = node->modified;
    return 0;
}

int do_readdir(const char* path, void* buffer, fuse_fill_dir_t fill, off_t /*offset*/, fuse_file_info* info,
               fuse_readdir_flags /*flags*/) {
    const auto node = opened(path, info);
    if (!node) {
        return -ENOENT;
    }
    fill(buffer, ".", nullptr, 0, fuse_fill_dir_flags{});
    fill(buffer, "..", nullptr, 0, fuse_fill_dir_flags{});
    for (const auto& [name, child] : node->entries) {
        fill(buffer, name.c_str(), nullptr, 0, fuse_fill_dir_flags{});
    }
    return 0;
}

int add(const char* path, mode_t mode, InodePtr* made = nullptr) {
    const auto parent = parent_of(path);
    if (!parent || !parent->is_directory()) {
        return -ENOENT;
    }
    if (parent->entries.contains(name_of(path))) {
        return -EEXIST;
    }
    auto node = std::make_shared<Inode>(mode);
    parent->entries.emplace(name_of(path), node);
    parent->touch();
    if (made != nullptr) {
        *made = std::move(node);
    }
    return 0;
}

int do_mkdir(const char* path, mode_t mode) { return add(path, mode | S_IFDIR); }

int do_mknod(const char* path, mode_t mode, dev_t /*device*/) { return add(path, mode); }

int do_create(const char* path, mode_t mode, fuse_file_info* info) {
    InodePtr node;
    const int failed = add(path, mode | S_IFREG, &node);
    if (failed == 0) {
        open_as(node, info);
    }
    return failed;
}

// A second name. Each is an own file to the kernel, which is enough for a name that is made once by linking.
int do_link(const char* from, const char* to) {
    const auto node = find(from);
    const auto parent = parent_of(to);
    if (!node || !parent) {
        return -ENOENT;
    }
    if (node->is_directory()) {
        return -EPERM;
    }
    if (!parent->entries.emplace(name_of(to), node).second) {
        return -EEXIST;
    }
    parent->touch();
    return 0;
}

int take_away(const char* path, bool directory) {
    const auto parent = parent_of(path);
    const auto node = find(path);
    if (!node || !parent) {
        return -ENOENT;
    }
    if (node->is_directory() != directory) {
        return directory ? -ENOTDIR : -EISDIR;
    }
    if (!node->entries.empty()) {
        return -ENOTEMPTY;
    }
    parent->entries.erase(parent->entries.find(name_of(path)));
    parent->touch();
    return 0;
}

int do_unlink(const char* path) { return take_away(path, false); }

int do_rmdir(const char* path) { return take_away(path, true); }

int do_rename(const char* from, const char* to, unsigned flags) {
    const auto source = parent_of(from);
    const auto target = parent_of(to);
    const auto node = find(from);
    if (!source || !target || !node) {
        return -ENOENT;
    }
    if (flags != 0) {
        return -EINVAL;
    }
    const auto there = find(to);
    if (there == node) {
        return 0;
    }
    if (there && there->is_directory() && !there->entries.empty()) {
        return -ENOTEMPTY;
    }
    source->entries.erase(source->entries.find(name_of(from)));
    target->entries.insert_or_assign(std::string(name_of(to)), node);
    source->touch();
    target->touch();
    return 0;
}

int do_open(const char* path, fuse_file_info* info) {
    const auto node = find(path);
    if (!node) {
        return -ENOENT;
    }
    open_as(node, info);
    return 0;
}

int do_release(const char* /*path*/, fuse_file_info* info) {
    delete reinterpret_cast<InodePtr*>(info->fh);  // NOLINT(performance-no-int-to-ptr): of open_as(), or null
    return 0;
}

int do_read(const char* path, char* out, std::size_t size, off_t offset, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) {
        return -ENOENT;
    }
    const auto begin = std::min(static_cast<std::size_t>(offset), node->content.size());
    return static_cast<int>(node->content.copy(out, size, begin));
}

int command(std::string_view word) {
    while (!word.empty() && word.back() == '\n') {
        word.remove_suffix(1);
    }
    if (word == "drop") {
        drop_unsynced(*root());
    } else if (word == "sync") {
        sync_all(*root());
    } else {
        return -EINVAL;
    }
    return 0;
}

int do_write(const char* path, const char* data, std::size_t size, off_t offset, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) {
        return -ENOENT;
    }
    if (node == control()) {
        const int failed = command({data, size});
        return failed != 0 ? failed : static_cast<int>(size);
    }
    const auto begin = static_cast<std::size_t>(offset);
    if (begin + size > node->content.size()) {
        node->resize(begin + size);
    }
    node->content.replace(begin, size, data, size);
    node->soil(begin, begin + size);
    return static_cast<int>(size);
}

int do_truncate(const char* path, off_t size, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) {
        return -ENOENT;
    }
    node->resize(static_cast<std::size_t>(size));
    return 0;
}

int do_fsync(const char* path, int /*data_only*/, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) {
        return -ENOENT;
    }
    node->sync_content();
    return 0;
}

int do_fsyncdir(const char* path, int /*data_only*/, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) {
        return -ENOENT;
    }
    node->synced_entries = node->entries;
    return 0;
}

int do_chmod(const char* path, mode_t mode, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) {
        return -ENOENT;
    }
    node->mode = (node->mode & static_cast<mode_t>(S_IFMT)) | (mode & ~static_cast<mode_t>(S_IFMT));
    return 0;
}

int do_chown(const char* path, uid_t owner, gid_t group, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) {
        return -ENOENT;
    }
    if (owner != static_cast<uid_t>(-1)) {
        node->owner = owner;
    }
    if (group != static_cast<gid_t>(-1)) {
        node->group = group;
    }
    return 0;
}

int do_utimens(const char* path, const timespec* times, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) {
        return -ENOENT;
    }
    if (times[1].tv_nsec == UTIME_NOW) {
        node->touch();
    } else if (times[1].tv_nsec != UTIME_OMIT) {
        node->modified = times[1];
    }
    return 0;
}

void* do_init(fuse_conn_info* /*connection*/, fuse_config* config) {
    config->use_ino = 1;
    config->nullpath_ok = 1;
    config->hard_remove = 1;  // an open file needs no name
    config->direct_io = 1;
    config->attr_timeout = config->entry_timeout = config->negative_timeout = 0;
    return nullptr;
}

fuse_operations operations() {
    fuse_operations all{};
    all.init = do_init;
    all.getattr = do_getattr;
    all.readdir = do_readdir;
    all.mkdir = do_mkdir;
    all.mknod = do_mknod;
    all.create = do_create;
    all.link = do_link;
    all.unlink = do_unlink;
    all.rmdir = do_rmdir;
    all.rename = do_rename;
    all.open = do_open;
    all.release = do_release;
    all.opendir = do_open;
    all.releasedir = do_release;
    all.read = do_read;
    all.write = do_write;
    all.truncate = do_truncate;
    all.fsync = do_fsync;
    all.fsyncdir = do_fsyncdir;
    all.chmod = do_chmod;
    all.chown = do_chown;
    all.utimens = do_utimens;
    return all;
}

}  // namespace

int main(int count, char** words) {
    root();  // before the first call
    control();
    const auto all = operations();
    std::string single = "-s";
    std::string allow = "-odefault_permissions";
    std::vector<char*> arguments(words, words + count);
    arguments.push_back(single.data());
    arguments.push_back(allow.data());
    arguments.push_back(nullptr);
    return fuse_main(count + 2, arguments.data(), &all, nullptr);
}
