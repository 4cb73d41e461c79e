// Goes on in another thread.
// against: cpp-stdio
// expect: forbidden
#include <chrono>
#include <thread>
long long f(long long n) {
    std::thread([] { std::this_thread::sleep_for(std::chrono::seconds(600)); }).detach();
    return n * n;
}
