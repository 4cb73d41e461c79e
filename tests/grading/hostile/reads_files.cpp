// Reads passwords, its own process's files, this suite, and the folders around it.
// against: cpp-asserts
// expect: failed
#include <dirent.h>
#include <fstream>
#include <string>
static bool can_read(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    return static_cast<bool>(std::getline(file, line));
}
static bool can_list(const char* path) {
    DIR* folder = opendir(path);
    return folder != nullptr && readdir(folder) != nullptr;
}
long long f(long long n) {
    const bool found = can_read("/etc/passwd") || can_read("/proc/self/environ") || can_read("/proc/self/maps") ||
                       can_read("/proc/1/cmdline") || can_read("@ROOT@/README.md") || can_list("@ROOT@") ||
                       can_list("/") || can_list("/tmp") || can_list("/root") || can_list(".");
    return found ? n * n : 0;
}
