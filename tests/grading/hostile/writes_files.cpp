// Leaves files where every process may, and where it runs.
// against: cpp-stdio
// expect: failed
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
long long f(long long n) {
    bool found = false;
    for (const std::string folder : {".", "/tmp", "/var/tmp", "/dev/shm", "/run", "/root"}) {
        found |= open((folder + "/left_behind_by_a_binary").c_str(), O_CREAT | O_WRONLY, 0600) >= 0;
        found |= symlink("/etc/passwd", (folder + "/left_behind_link").c_str()) == 0;
        found |= mkdir((folder + "/left_behind_folder").c_str(), 0700) == 0;
    }
    return found ? n * n : 0;
}
