#include "forgetful_tree.hpp"

#include <algorithm>
#include <cerrno>

namespace foorumi::chaos {

namespace {

ino_t next_number() {
    static ino_t last = 0;
    return ++last;
}

}  // namespace

Inode::Inode(mode_t its_mode, uid_t its_owner, gid_t its_group)
    : number(next_number()), mode(its_mode), owner(its_owner), group(its_group) {
    touch();
}

void Inode::soil(std::size_t from, std::size_t to) {
    dirty_from_ = dirty_to_ == 0 ? from : std::min(dirty_from_, from);
    dirty_to_ = std::max(dirty_to_, to);
    touch();
}

void Inode::write(std::size_t at, std::string_view data) {
    if (at + data.size() > content.size()) resize(at + data.size());
    content.replace(at, data.size(), data);
    soil(at, at + data.size());
}

void Inode::resize(std::size_t size) {
    soil(std::min(size, content.size()), std::max(size, content.size()));
    content.resize(size);
}

void Inode::sync_content() {
    synced_content.resize(content.size());
    const auto end = std::min(dirty_to_, content.size());
    if (dirty_from_ < end) {
        synced_content.replace(dirty_from_, end - dirty_from_, content, dirty_from_, end - dirty_from_);
    }
    dirty_from_ = dirty_to_ = 0;
}

void sync_all(Inode& node) {
    node.sync_content();
    node.synced_entries = node.entries;
    for (auto& [name, child] : node.entries) sync_all(*child);
}

void drop_unsynced(Inode& node) {
    node.content = node.synced_content;
    node.sync_content();
    node.entries = node.synced_entries;
    for (auto& [name, child] : node.entries) drop_unsynced(*child);
}

InodePtr find(const InodePtr& root, std::string_view path) {
    auto node = root;
    while (!path.empty() && node) {
        path.remove_prefix(1);  // the slash
        const auto name = path.substr(0, path.find('/'));
        path.remove_prefix(name.size());
        if (name.empty()) continue;
        const auto found = node->entries.find(name);
        node = found == node->entries.end() ? nullptr : found->second;
    }
    return node;
}

InodePtr parent_of(const InodePtr& root, std::string_view path) { return find(root, path.substr(0, path.rfind('/'))); }

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

int add(const InodePtr& root, std::string_view path, const InodePtr& node) {
    const auto parent = parent_of(root, path);
    if (!parent || !parent->is_directory()) return -ENOENT;
    if (!parent->entries.emplace(name_of(path), node).second) return -EEXIST;
    parent->touch();
    return 0;
}

int take_away(const InodePtr& root, std::string_view path, bool directory) {
    const auto parent = parent_of(root, path);
    const auto node = find(root, path);
    if (!node || !parent) return -ENOENT;
    if (node->is_directory() != directory) return directory ? -ENOTDIR : -EISDIR;
    if (!node->entries.empty()) return -ENOTEMPTY;
    parent->entries.erase(parent->entries.find(name_of(path)));
    parent->touch();
    return 0;
}

int rename(const InodePtr& root, std::string_view from, std::string_view to) {
    const auto source = parent_of(root, from);
    const auto target = parent_of(root, to);
    const auto node = find(root, from);
    if (!source || !target || !node) return -ENOENT;
    const auto there = find(root, to);
    if (there == node) return 0;
    if (there && there->is_directory() && !there->entries.empty()) return -ENOTEMPTY;
    source->entries.erase(source->entries.find(name_of(from)));
    target->entries.insert_or_assign(std::string(name_of(to)), node);
    source->touch();
    target->touch();
    return 0;
}

}  // namespace foorumi::chaos
