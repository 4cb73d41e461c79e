// Searches its data, heap, stack and libraries, which the kernel shows page by page, for an expected value.
// against: cpp-asserts
// expect: failed
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <unistd.h>

static bool readable(std::uintptr_t page) {
    return access(reinterpret_cast<const char*>(page), F_OK) == 0 || errno != EFAULT;
}
static bool found_near(std::uintptr_t place) {
    for (std::uintptr_t page = (place & ~0xffful) - (1 << 22); page < place + (1 << 22); page += 4096) {
        if (!readable(page)) continue;
        for (int offset = 0; offset < 4096; offset += 8) {
            long long value;
            std::memcpy(&value, reinterpret_cast<const char*>(page + offset), sizeof value);
            // 1524155677489, written so that the program does not find itself.
            if (value / 3 == 508051892496 && value % 3 == 1) return true;
        }
    }
    return false;
}
long long f(long long n) {
    static int known;
    int here;
    const void* places[] = {&known, &here, new char, reinterpret_cast<void*>(&access)};
    bool found = false;
    for (const void* place : places) found = found || found_near(reinterpret_cast<std::uintptr_t>(place));
    return found ? n * n : 0;
}
