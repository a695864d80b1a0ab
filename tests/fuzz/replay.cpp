// Runs a fuzz target over the files of directories, for compilers without libFuzzer. Also over each file cut short
// anywhere.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "fuzz.hpp"

namespace {

// A copy of its own, so that reading past the end is seen by the address sanitizer.
void run(const std::vector<char>& bytes, std::size_t size) {
    const std::vector<std::uint8_t> copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t files = 0;
    for (int i = 1; i < argc; ++i) {
        for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
            std::ifstream file(entry.path(), std::ios::binary);
            const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
            for (std::size_t size = 0; size <= bytes.size(); ++size) run(bytes, size);
            ++files;
        }
    }
    std::cout << files << " files\n";
    return files == 0 ? 1 : 0;
}
