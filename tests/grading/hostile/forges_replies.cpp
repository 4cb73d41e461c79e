// Writes replies to every descriptor, of all lengths, before it is asked.
// against: cpp-asserts
// expect: error failed
#include <cstdint>
#include <unistd.h>

static const struct Forges {
    Forges() {
        const std::uint32_t lengths[] = {8, 0, 1, 0xffffffffu, 0x7fffffffu, 8, 8, 8};
        for (int descriptor = 0; descriptor < 64; ++descriptor)
            for (std::uint32_t length : lengths)
                if (write(descriptor, &length, 4) < 4 || write(descriptor, "\1\0\0\0\0\0\0\0", 8) < 8) break;
    }
} forges;

long long f(long long n) { return 0; }
