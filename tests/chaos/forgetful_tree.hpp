// The files of the forgetful file system: as they are, and as they are on its "disk". Pure; one thread.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace foorumi::chaos {

struct Inode;
using InodePtr = std::shared_ptr<Inode>;
using Entries = std::map<std::string, InodePtr, std::less<>>;

// A file or a directory.
struct Inode {
    Inode(mode_t its_mode, uid_t its_owner, gid_t its_group);

    [[nodiscard]] bool is_directory() const { return S_ISDIR(mode); }
    void touch() { clock_gettime(CLOCK_REALTIME, &modified); }

    // Bytes behind the end are zero. `data` may be longer than what is there.
    void write(std::size_t at, std::string_view data);
    void resize(std::size_t size);
    // The content is on the disk as it is.
    void sync_content();

    ino_t number;
    mode_t mode;
    uid_t owner;
    gid_t group;
    timespec modified{};
    std::string content, synced_content;
    Entries entries, synced_entries;

   private:
    // [from, to) differs from the disk; one range with what differs already.
    void soil(std::size_t from, std::size_t to);

    std::size_t dirty_from_ = 0, dirty_to_ = 0;
};

// Everything below it, names included, is on the disk as it is; or it is again as it is on the disk.
void sync_all(Inode& node);
void drop_unsynced(Inode& node);

// Paths begin with a slash; null: there is none. The name is what stands behind the last slash.
InodePtr find(const InodePtr& root, std::string_view path);
InodePtr parent_of(const InodePtr& root, std::string_view path);
std::string_view name_of(std::string_view path);

// 0, or a negative errno.
int add(const InodePtr& root, std::string_view path, const InodePtr& node);
int take_away(const InodePtr& root, std::string_view path, bool directory);
int rename(const InodePtr& root, std::string_view from, std::string_view to);

}  // namespace foorumi::chaos
