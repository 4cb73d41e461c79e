// Ends a program that is out of memory with an exit status of its own, so that this is told from a crash.
#ifndef SPLIT_TESTS_MEMORY_GUARD
#define SPLIT_TESTS_MEMORY_GUARD
#include <new>

namespace split_tests {

enum ExitStatus {
    assertion_failed = 4,
    peer_lost = 5,           // the other program is gone, or what it sent is no frame of the expected type
    exception_escaped = 6,   // from the entry point
    not_a_number = 7,        // an answer is NaN, or holds one
    out_of_memory = 77,
    answer_too_large = 78
};

// Bound to their symbols by hand: <unistd.h> would put names in the way of the program's own (read, link, pause ...).
[[noreturn]] void leave(int status) __asm__("_exit");

struct MemoryGuard {
    MemoryGuard() { std::set_new_handler([] { leave(out_of_memory); }); }
};
static const MemoryGuard memory_guard;  // installed before the program's own static objects

}  // namespace split_tests
#endif
