// A connection that keeps what a session tells its client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foorumi/v1/protocol.pb.h"
#include "net/connection.hpp"

namespace foorumi::dispatch {

class ToldConnection final : public net::Connection {
   public:
    explicit ToldConnection(std::string address) : address_(std::move(address)) {}

    bool send(ItemRef item, net::Priority) override {
        v1::ServerFrame frame;
        frame.ParseFromString(std::string(item->view()));
        for (const auto& one : frame.items()) told.push_back(word_of(one.response()));
        return true;
    }
    void close(net::CloseCode code, std::string_view, ItemRef) override { closed = code; }
    void pause_reading() override { paused = true; }
    void resume_reading() override { paused = false; }
    [[nodiscard]] std::string_view remote_address() const override { return address_; }
    [[nodiscard]] std::size_t outbox_bytes() const override { return 0; }

    std::vector<std::string> told;  // "id result", the result's reason where it is an error
    std::optional<net::CloseCode> closed;
    bool paused = false;
    std::uint32_t retry_after_ms = 0;  // of the last error

   private:
    std::string word_of(const v1::Response& response) {
        std::string word = std::to_string(response.id()) + ' ';
        if (response.has_error()) {
            retry_after_ms = response.error().retry_after_ms();
            return word + response.error().reason();
        }
        return word + (response.has_welcome()         ? "welcome"
                       : response.has_terms()         ? "terms"
                       : response.has_earlier_texts() ? texts_of(response)
                                                      : "other");
    }

    static std::string texts_of(const v1::Response& response) {
        std::string texts = "texts";
        for (const auto& text : response.earlier_texts().texts()) texts += ' ' + text.earlier_text().text();
        return texts;
    }

    std::string address_;
};

}  // namespace foorumi::dispatch
