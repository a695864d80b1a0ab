// A file system in memory that loses on command what was not synced, as a machine does that loses its power. For tests
// of durability:
//
//   foorumi_forgetful_fs -f DIRECTORY      mounts it there until it is unmounted
//   echo drop >DIRECTORY/.control          the power goes: back to what is on the "disk". Nothing may have a file open
//   echo sync >DIRECTORY/.control          everything is on the disk, as long after it was written
//
// The model is strict, stricter than ext4: the content and the length of a file are on the disk as of its last fsync or
// fdatasync, and the names in a directory (what was created, renamed, removed) as of the last fsync of that directory
// itself. A file whose name is there and that was never synced is empty. Modes, owners and times are not lost. There
// are no symbolic links.
#define FUSE_USE_VERSION 31
#include <fuse3/fuse.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "forgetful_tree.hpp"

namespace {

using namespace foorumi::chaos;  // NOLINT(google-build-using-namespace): this file is its face to fuse

constexpr std::string_view control_path = "/.control";

// fuse calls from one thread only (-s).
InodePtr& root() {
    static auto node = std::make_shared<Inode>(S_IFDIR | 0755U, getuid(), getgid());
    return node;
}

// What commands are written to. It stands in no directory.
InodePtr& control() {
    static auto node = std::make_shared<Inode>(S_IFREG | 0600U, getuid(), getgid());
    return node;
}

InodePtr at(std::string_view path) { return path == control_path ? control() : find(root(), path); }

// An open file is named by its handle, for it may have no name any more.
InodePtr opened(const char* path, const fuse_file_info* info) {
    if (info != nullptr && info->fh != 0) {
        return *reinterpret_cast<InodePtr*>(info->fh);  // NOLINT(performance-no-int-to-ptr): what fuse keeps for us
    }
    return path != nullptr ? at(path) : nullptr;
}

void open_as(const InodePtr& node, fuse_file_info* info) {
    info->fh = reinterpret_cast<std::uint64_t>(new InodePtr(node));
    info->direct_io = 1;  // no cache of the kernel's may outlive a loss of power
}

int do_getattr(const char* path, struct stat* out, fuse_file_info* info) {
    *out = {};
    const auto node = opened(path, info);
    if (!node) return -ENOENT;
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
    if (!node) return -ENOENT;
    fill(buffer, ".", nullptr, 0, fuse_fill_dir_flags{});
    fill(buffer, "..", nullptr, 0, fuse_fill_dir_flags{});
    for (const auto& [name, child] : node->entries) {
        fill(buffer, name.c_str(), nullptr, 0, fuse_fill_dir_flags{});
    }
    return 0;
}

int make(const char* path, mode_t mode, fuse_file_info* info = nullptr) {
    const auto* caller = fuse_get_context();
    const auto node = std::make_shared<Inode>(mode, caller->uid, caller->gid);
    const int failed = add(root(), path, node);
    if (failed == 0 && info != nullptr) open_as(node, info);
    return failed;
}

int do_mkdir(const char* path, mode_t mode) { return make(path, mode | S_IFDIR); }

int do_mknod(const char* path, mode_t mode, dev_t /*device*/) { return make(path, mode); }

int do_create(const char* path, mode_t mode, fuse_file_info* info) { return make(path, mode | S_IFREG, info); }

// A second name. Each is an own file to the kernel, which is enough for a name that is made once by linking.
int do_link(const char* from, const char* to) {
    const auto node = at(from);
    if (!node) return -ENOENT;
    return node->is_directory() ? -EPERM : add(root(), to, node);
}

int do_unlink(const char* path) { return take_away(root(), path, false); }

int do_rmdir(const char* path) { return take_away(root(), path, true); }

int do_rename(const char* from, const char* to, unsigned flags) {
    return flags != 0 ? -EINVAL : rename(root(), from, to);
}

int do_open(const char* path, fuse_file_info* info) {
    const auto node = at(path);
    if (!node) return -ENOENT;
    open_as(node, info);
    return 0;
}

int do_release(const char* /*path*/, fuse_file_info* info) {
    delete reinterpret_cast<InodePtr*>(info->fh);  // NOLINT(performance-no-int-to-ptr): of open_as(), or null
    return 0;
}

int do_read(const char* path, char* out, std::size_t size, off_t offset, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) return -ENOENT;
    const auto begin = std::min(static_cast<std::size_t>(offset), node->content.size());
    return static_cast<int>(node->content.copy(out, size, begin));
}

int command(std::string_view word) {
    while (!word.empty() && word.back() == '\n') {
        word.remove_suffix(1);
    }
    if (word != "drop" && word != "sync") return -EINVAL;
    word == "drop" ? drop_unsynced(*root()) : sync_all(*root());
    return 0;
}

int do_write(const char* path, const char* data, std::size_t size, off_t offset, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) return -ENOENT;
    if (node == control()) {
        const int failed = command({data, size});
        return failed != 0 ? failed : static_cast<int>(size);
    }
    node->write(static_cast<std::size_t>(offset), {data, size});
    return static_cast<int>(size);
}

int do_truncate(const char* path, off_t size, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) return -ENOENT;
    node->resize(static_cast<std::size_t>(size));
    return 0;
}

int do_fsync(const char* path, int /*data_only*/, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) return -ENOENT;
    node->sync_content();
    return 0;
}

int do_fsyncdir(const char* path, int /*data_only*/, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) return -ENOENT;
    node->synced_entries = node->entries;
    return 0;
}

int do_chmod(const char* path, mode_t mode, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) return -ENOENT;
    node->mode = (node->mode & static_cast<mode_t>(S_IFMT)) | (mode & ~static_cast<mode_t>(S_IFMT));
    return 0;
}

int do_chown(const char* path, uid_t owner, gid_t group, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) return -ENOENT;
    if (owner != static_cast<uid_t>(-1)) node->owner = owner;
    if (group != static_cast<gid_t>(-1)) node->group = group;
    return 0;
}

int do_utimens(const char* path, const timespec* times, fuse_file_info* info) {
    const auto node = opened(path, info);
    if (!node) return -ENOENT;
    if (times[1].tv_nsec == UTIME_NOW) node->touch();
    if (times[1].tv_nsec >= 0 && times[1].tv_nsec != UTIME_NOW && times[1].tv_nsec != UTIME_OMIT) {
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
