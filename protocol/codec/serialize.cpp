#include "codec/serialize.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <limits>

#include "codec/utf8_walk.hpp"

namespace foorumi::codec {

void append_serialized(std::string& out, const google::protobuf::Message& message) {
    out.reserve(out.size() + message.ByteSizeLong());  // else it grows by doubling from nothing
    google::protobuf::io::StringOutputStream stream(&out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
}

std::string serialize(const google::protobuf::Message& message) {
    std::string out;
    append_serialized(out, message);
    return out;
}

bool parse(std::string_view bytes, google::protobuf::Message& message) {
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return false;
    if (find_fault(bytes, *message.GetDescriptor())) return false;
    return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace foorumi::codec
