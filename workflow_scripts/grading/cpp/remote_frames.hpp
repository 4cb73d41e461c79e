// Frames between the tests' program and the candidate's, over the socket on descriptor 3.
//
// A frame is its length (4 bytes) and that many bytes. A call is a 1 and the arguments' values, a reply the answer's,
// as they lie in memory; a container is its count and its elements. An empty frame asks for an empty one: whether the
// candidate's program is still there.
// The candidate may write anything at all, so that nothing is read or reserved beyond what has arrived.
// C++11, and no header but what most programs include themselves: every name more could clash with one of theirs.
#ifndef SPLIT_TESTS_REMOTE_FRAMES
#define SPLIT_TESTS_REMOTE_FRAMES
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#ifndef SPLIT_TESTS_DEFINED_ELSEWHERE
#include <string>  // which programs use without asking for it
#endif

namespace split_tests {

// Reserves by doubling; what it holds is not initialized.
class Buffer {
public:
    Buffer() : bytes(nullptr), capacity_(0) {}
    ~Buffer();
    void reserve(std::size_t size, std::size_t kept);

    char* bytes;

private:
    Buffer(const Buffer&);
    Buffer& operator=(const Buffer&);

    std::size_t capacity_;
};

class Writer {
public:
    Writer();
    void put(const void* value, std::size_t size);
    void put_count(std::size_t count);
    void send_arguments();
    void send_answer();

private:
    void send(std::uint32_t most);

    Buffer buffer_;
    std::size_t size_;
};

class Reader {
public:
    Reader();
    // Each waits for one whole frame and nothing more; false when the peer closed the socket before it.
    bool receive_arguments();
    bool receive_answer();
    bool receive_empty();
    bool empty() const { return left_ == 0; }
    // From now on a value that is not a number ends the program.
    void refuse_nan() { refuses_nan_ = true; }
    template <class Number> void check(Number value) const {
        if (refuses_nan_ && value != value) leave(not_a_number);
    }
    void get(void* value, std::size_t size);
    // The count of elements that follow, each at least one byte (of ``element_size``, where that is known).
    std::size_t get_count(std::size_t element_size = 1);
    void end() const;

private:
    bool receive(std::uint32_t most);

    Buffer buffer_;
    std::size_t reserved_;
    const char* at_;
    std::size_t left_;
    bool refuses_nan_;
};

#ifndef SPLIT_TESTS_DEFINED_ELSEWHERE
#ifndef SPLIT_TESTS_ANSWER_BYTES
#define SPLIT_TESTS_ANSWER_BYTES (1 << 20)
#endif

long read_socket(int descriptor, void* bytes, std::size_t size) __asm__("read");
long write_socket(int descriptor, const void* bytes, std::size_t size) __asm__("write");

static const int peer = 3;
static const std::uint32_t largest_answer = SPLIT_TESTS_ANSWER_BYTES;
static const std::uint32_t largest_arguments = 1u << 30;
static const std::size_t header_size = sizeof(std::uint32_t);

Buffer::~Buffer() { delete[] bytes; }

void Buffer::reserve(std::size_t size, std::size_t kept) {
    if (size <= capacity_) return;
    capacity_ = size > 2 * capacity_ ? size : 2 * capacity_;
    char* larger = new char[capacity_];
    if (kept) std::memcpy(larger, bytes, kept);
    delete[] bytes;
    bytes = larger;
}

Writer::Writer() : size_(header_size) { buffer_.reserve(64, 0); }

void Writer::put(const void* value, std::size_t size) {
    buffer_.reserve(size_ + size, size_);
    if (size) std::memcpy(buffer_.bytes + size_, value, size);
    size_ += size;
}

void Writer::put_count(std::size_t count) {
    const std::uint32_t narrow = static_cast<std::uint32_t>(count);
    if (narrow != count) leave(answer_too_large);
    put(&narrow, sizeof narrow);
}

void Writer::send_arguments() { send(largest_arguments); }

void Writer::send_answer() { send(largest_answer); }

void Writer::send(std::uint32_t most) {
    const std::size_t length = size_ - header_size;
    if (length > most) leave(answer_too_large);
    const std::uint32_t header = static_cast<std::uint32_t>(length);
    std::memcpy(buffer_.bytes, &header, sizeof header);
    for (std::size_t sent = 0; sent < size_;) {
        const long step = write_socket(peer, buffer_.bytes + sent, size_ - sent);
        if (step <= 0) leave(peer_lost);
        sent += static_cast<std::size_t>(step);
    }
}

Reader::Reader() : reserved_(1 << 12), at_(nullptr), left_(0), refuses_nan_(false) { buffer_.reserve(reserved_, 0); }

bool Reader::receive_arguments() { return receive(largest_arguments); }

bool Reader::receive_answer() { return receive(largest_answer); }

bool Reader::receive_empty() { return receive(0); }

bool Reader::receive(std::uint32_t most) {
    std::size_t arrived = 0, whole = header_size;
    while (arrived < whole) {
        const long step = read_socket(peer, buffer_.bytes + arrived, reserved_ - arrived);
        if (step == 0 && arrived == 0) return false;
        if (step <= 0) leave(peer_lost);
        arrived += static_cast<std::size_t>(step);
        if (whole == header_size && arrived >= whole) {
            std::uint32_t length;
            std::memcpy(&length, buffer_.bytes, sizeof length);
            if (length > most) leave(peer_lost);
            whole += length;
            if (reserved_ < whole) {
                buffer_.reserve(whole, arrived);
                reserved_ = whole;
            }
        }
    }
    if (arrived > whole) leave(peer_lost);
    at_ = buffer_.bytes + header_size;
    left_ = whole - header_size;
    return true;
}

void Reader::get(void* value, std::size_t size) {
    if (size > left_) leave(peer_lost);
    if (size) std::memcpy(value, at_, size);
    at_ += size;
    left_ -= size;
}

std::size_t Reader::get_count(std::size_t element_size) {
    std::uint32_t count;
    get(&count, sizeof count);
    if (count > left_ / element_size) leave(peer_lost);
    return count;
}

void Reader::end() const {
    if (left_ != 0) leave(peer_lost);
}
#endif

}  // namespace split_tests
#endif
