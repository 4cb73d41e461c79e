// Calls of the entry point from the tests' program to the candidate's, over the socket on descriptor 3.
//
// A frame is its length (4 bytes) and that many bytes. A call is a 1 and the arguments' values, a reply the answer's,
// as they lie in memory; a container is its count and its elements. An empty frame asks for an empty one: whether the
// candidate's program is still there.
// The candidate may write anything at all, so that nothing is read or reserved beyond what has arrived.
// C++11, and no header but what most programs include themselves: every name more could clash with one of theirs.
#ifndef SPLIT_TESTS_REMOTE_CALLS
#define SPLIT_TESTS_REMOTE_CALLS
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#ifndef SPLIT_TESTS_ANSWER_BYTES
#define SPLIT_TESTS_ANSWER_BYTES (1 << 20)
#endif

namespace split_tests {

long read_socket(int descriptor, void* bytes, std::size_t size) __asm__("read");
long write_socket(int descriptor, const void* bytes, std::size_t size) __asm__("write");
void (*handle_signal(int number, void (*handler)(int)))(int) __asm__("signal");

static const int peer = 3;
static const std::uint32_t largest_answer = SPLIT_TESTS_ANSWER_BYTES;
static const std::uint32_t largest_arguments = 1u << 30;

// ---- frames

class Writer {
public:
    Writer() : bytes_(sizeof(std::uint32_t), '\0') {}

    void put(const void* value, std::size_t size) { bytes_.append(static_cast<const char*>(value), size); }
    void put_count(std::size_t count) {
        const std::uint32_t narrow = static_cast<std::uint32_t>(count);
        if (narrow != count) leave(answer_too_large);
        put(&narrow, sizeof narrow);
    }
    void send(std::uint32_t most) {
        const std::size_t length = bytes_.size() - sizeof(std::uint32_t);
        if (length > most) leave(answer_too_large);
        const std::uint32_t header = static_cast<std::uint32_t>(length);
        std::memcpy(&bytes_[0], &header, sizeof header);
        for (std::size_t sent = 0; sent < bytes_.size();) {
            const long step = write_socket(peer, bytes_.data() + sent, bytes_.size() - sent);
            if (step <= 0) leave(peer_lost);
            sent += static_cast<std::size_t>(step);
        }
    }

private:
    std::string bytes_;
};

class Reader {
public:
    // Waits for one whole frame and nothing more; false when the peer closed the socket before it.
    bool receive(std::uint32_t most) {
        std::size_t arrived = 0, whole = sizeof(std::uint32_t);
        while (arrived < whole) {
            const long step = read_socket(peer, &buffer_[arrived], buffer_.size() - arrived);
            if (step == 0 && arrived == 0) return false;
            if (step <= 0) leave(peer_lost);
            arrived += static_cast<std::size_t>(step);
            if (whole == sizeof(std::uint32_t) && arrived >= whole) {
                std::uint32_t length;
                std::memcpy(&length, buffer_.data(), sizeof length);
                if (length > most) leave(peer_lost);
                whole += length;
                if (buffer_.size() < whole) buffer_.resize(whole);
            }
        }
        if (arrived > whole) leave(peer_lost);
        at_ = buffer_.data() + sizeof(std::uint32_t);
        left_ = whole - sizeof(std::uint32_t);
        return true;
    }
    bool empty() const { return left_ == 0; }
    void get(void* value, std::size_t size) {
        if (size > left_) leave(peer_lost);
        if (size) std::memcpy(value, at_, size);
        at_ += size;
        left_ -= size;
    }
    // The count of elements that follow, each at least one byte (of ``element_size``, where that is known).
    std::size_t get_count(std::size_t element_size = 1) {
        std::uint32_t count;
        get(&count, sizeof count);
        if (count > left_ / element_size) leave(peer_lost);
        return count;
    }
    void end() const {
        if (left_ != 0) leave(peer_lost);
    }

private:
    std::string buffer_ = std::string(1 << 12, '\0');
    const char* at_ = nullptr;
    std::size_t left_ = 0;
};

// ---- values

template <class...> struct Always { typedef void type; };
template <class...> struct Never : std::false_type {};

template <class Value, class = void> struct Codec {
    static_assert(Never<Value>::value, "split tests: a value of this type cannot be sent to another program");
};

template <> struct Codec<bool> {
    static void put(Writer& to, bool value) {
        const unsigned char byte = value ? 1 : 0;
        to.put(&byte, 1);
    }
    static bool get(Reader& from) {
        unsigned char byte;
        from.get(&byte, 1);
        if (byte > 1) leave(peer_lost);
        return byte == 1;
    }
};

template <class Number>
struct Codec<Number, typename std::enable_if<std::is_arithmetic<Number>::value>::type> {
    static void put(Writer& to, Number value) { to.put(&value, sizeof value); }
    static Number get(Reader& from) {
        Number value;
        from.get(&value, sizeof value);
        return value;
    }
};

// Containers, tuples and optionals are known by their members, not by name, so that no header of theirs is needed.
template <class Value> struct Element { typedef Value type; };
template <class Key, class Value> struct Element<std::pair<const Key, Value>> { typedef std::pair<Key, Value> type; };

template <class Value, class = void> struct IsContainer : std::false_type {};
template <template <class...> class Name, class... Rest>
struct IsContainer<Name<Rest...>,
                   typename Always<decltype(std::declval<Name<Rest...>&>().insert(
                       std::declval<Name<Rest...>&>().end(),
                       std::declval<typename Name<Rest...>::value_type>()))>::type> : std::true_type {};

template <class Number>
struct IsNumber : std::integral_constant<bool, std::is_arithmetic<Number>::value && !std::is_same<Number, bool>::value> {};

template <class Value, class = void> struct IsArrayOfNumbers : std::false_type {};  // std::string, std::vector<int> ...
template <class Value>
struct IsArrayOfNumbers<Value, typename Always<decltype(std::declval<Value&>().data())>::type>
    : IsNumber<typename Value::value_type> {};

template <class Value, class = void> struct IsTuple : std::false_type {};  // std::pair, std::tuple, std::array
template <class Value>
struct IsTuple<Value, typename Always<decltype(std::tuple_size<Value>::value)>::type> : std::true_type {
    static_assert(std::tuple_size<Value>::value > 0, "split tests: a tuple without elements cannot be sent");
};

template <class Value, class = void> struct IsFixedArray : std::false_type {};  // std::array: too long to unroll
template <class Value>
struct IsFixedArray<Value, typename Always<typename Value::value_type>::type> : IsTuple<Value> {};

template <class Value, class = void> struct IsOptional : std::false_type {};
template <template <class...> class Name, class Held>
struct IsOptional<Name<Held>, typename Always<decltype(std::declval<Name<Held>&>().has_value()),
                                              decltype(*std::declval<Name<Held>&>())>::type> : std::true_type {};

template <class Container>
struct Codec<Container, typename std::enable_if<IsContainer<Container>::value>::type> {
    typedef typename Element<typename Container::value_type>::type Member;

    static void put(Writer& to, const Container& values) {
        to.put_count(values.size());
        put_members(to, values, IsArrayOfNumbers<Container>());
    }
    static Container get(Reader& from) {
        Container values;
        get_members(from, values, IsArrayOfNumbers<Container>());
        return values;
    }

private:
    static void put_members(Writer& to, const Container& values, std::true_type) {
        to.put(values.data(), values.size() * sizeof(Member));
    }
    static void put_members(Writer& to, const Container& values, std::false_type) {
        for (typename Container::const_iterator at = values.begin(); at != values.end(); ++at)
            Codec<Member>::put(to, *at);
    }
    static void get_members(Reader& from, Container& values, std::true_type) {
        const std::size_t count = from.get_count(sizeof(Member));
        values.resize(count);
        if (count) from.get(&values[0], count * sizeof(Member));
    }
    static void get_members(Reader& from, Container& values, std::false_type) {
        for (std::size_t count = from.get_count(); count > 0; --count)
            values.insert(values.end(), Codec<Member>::get(from));
    }
};

template <class Array> struct Codec<Array, typename std::enable_if<IsFixedArray<Array>::value>::type> {
    typedef typename Array::value_type Member;

    static void put(Writer& to, const Array& values) {
        for (const Member& member : values) Codec<Member>::put(to, member);
    }
    static Array get(Reader& from) {
        Array values;
        for (Member& member : values) member = Codec<Member>::get(from);
        return values;
    }
};

template <class Tuple>
struct Codec<Tuple, typename std::enable_if<IsTuple<Tuple>::value && !IsFixedArray<Tuple>::value>::type> {
    static const std::size_t size = std::tuple_size<Tuple>::value;
    template <std::size_t index> struct At : std::integral_constant<std::size_t, index> {};

    static void put(Writer& to, const Tuple& values) { put_from(to, values, At<0>()); }
    static Tuple get(Reader& from) {
        Tuple values;
        get_from(from, values, At<0>());
        return values;
    }

private:
    static void put_from(Writer&, const Tuple&, At<size>) {}
    template <std::size_t index> static void put_from(Writer& to, const Tuple& values, At<index>) {
        using std::get;
        Codec<typename std::tuple_element<index, Tuple>::type>::put(to, get<index>(values));
        put_from(to, values, At<index + 1>());
    }
    static void get_from(Reader&, Tuple&, At<size>) {}
    template <std::size_t index> static void get_from(Reader& from, Tuple& values, At<index>) {
        using std::get;
        get<index>(values) = Codec<typename std::tuple_element<index, Tuple>::type>::get(from);
        get_from(from, values, At<index + 1>());
    }
};

template <class Optional> struct Codec<Optional, typename std::enable_if<IsOptional<Optional>::value>::type> {
    typedef typename Optional::value_type Held;

    static void put(Writer& to, const Optional& value) {
        Codec<bool>::put(to, value.has_value());
        if (value.has_value()) Codec<Held>::put(to, *value);
    }
    static Optional get(Reader& from) { return Codec<bool>::get(from) ? Optional(Codec<Held>::get(from)) : Optional(); }
};

// ---- the two ends

// The candidate's end: one call after the other, until the tests' program closes the socket.
class Calls {
public:
    bool next() {
        while (reader_.receive(largest_arguments)) {
            if (!reader_.empty()) return Codec<bool>::get(reader_);
            Writer().send(largest_answer);
        }
        return false;
    }
    template <class Value> typename std::decay<Value>::type argument() {
        return Codec<typename std::decay<Value>::type>::get(reader_);
    }
    template <class Value> void answer(const typename std::decay<Value>::type& value) {
        Writer writer;
        Codec<typename std::decay<Value>::type>::put(writer, value);
        writer.send(largest_answer);
    }

private:
    Reader reader_;
};

// The tests' end. Its destructor, after main(), makes sure that the candidate's program is still there, as it must be
// in one program with the tests: one that ends while it starts fails even tests that never call it.
class Candidate {
public:
    Candidate() { handle_signal(13, reinterpret_cast<void (*)(int)>(1)); }  // SIGPIPE ignored: the write fails instead
    ~Candidate() {
        Writer().send(largest_arguments);
        if (!reader_.receive(0)) leave(peer_lost);
    }
    Reader& call(Writer& arguments) {
        arguments.send(largest_arguments);
        if (!reader_.receive(largest_answer)) leave(peer_lost);
        return reader_;
    }

private:
    Reader reader_;
};

template <class Parameter> struct IsCopy {
    typedef typename std::remove_reference<Parameter>::type Value;
    static const bool value = !std::is_reference<Parameter>::value ||
                              (std::is_lvalue_reference<Parameter>::value && std::is_const<Value>::value);
};

template <class Parameter> void put_argument(Writer& to, const typename std::decay<Parameter>::type& value) {
    static_assert(IsCopy<Parameter>::value,
                  "split tests: a parameter must be a value or a const reference, for the program gets a copy");
    Codec<typename std::decay<Parameter>::type>::put(to, value);
}

template <class Return, class... Parameters>
Return call(Candidate& candidate, const typename std::decay<Parameters>::type&... arguments) {
    static_assert(!std::is_reference<Return>::value, "split tests: a reference into another program cannot be returned");
    Writer writer;
    Codec<bool>::put(writer, true);  // a call without arguments is no empty frame
    const int in_order[] = {0, (put_argument<Parameters>(writer, arguments), 0)...};
    static_cast<void>(in_order);
    Reader& reader = candidate.call(writer);
    typename std::decay<Return>::type answer = Codec<typename std::decay<Return>::type>::get(reader);
    reader.end();
    return answer;
}

}  // namespace split_tests
#endif
