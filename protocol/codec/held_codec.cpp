#include "codec/held_codec.hpp"

namespace foorumi::codec {

void held_to_proto(const forum::HeldMessage& held, v1::HeldMessage& out) {
    out.set_number(held.number);
    out.set_room(held.room);
    out.set_thread(held.thread);
    out.set_title(held.title);
    out.set_text(held.text);
    out.set_reply_to(held.reply_to);
    out.set_author(held.author);
    out.set_created_ms(held.created);
    out.mutable_filters()->Assign(held.filters.begin(), held.filters.end());
    out.set_returned(held.returned);
}

void held_to_proto(const forum::PostBook& book, v1::PostBook& out) {
    out.set_posts(book.posts);
    out.mutable_at_ms()->Assign(book.times.begin(), book.times.end());
    out.set_member(book.member);
    out.mutable_versions()->Assign(book.versions.begin(), book.versions.end());
}

forum::Entity held_from_proto(const v1::HeldMessage& held) {
    forum::HeldMessage out;
    out.number = held.number();
    out.room = held.room();
    out.thread = held.thread();
    out.title = held.title();
    out.text = held.text();
    out.reply_to = held.reply_to();
    out.author = held.author();
    out.created = held.created_ms();
    out.filters.assign(held.filters().begin(), held.filters().end());
    out.returned = held.returned();
    return out;
}

forum::Entity held_from_proto(const v1::PostBook& book) {
    return forum::PostBook{book.posts(),
                           {book.at_ms().begin(), book.at_ms().end()},
                           book.member(),
                           {book.versions().begin(), book.versions().end()}};
}

}  // namespace foorumi::codec
