// Calls of the entry point from the tests' program to the candidate's: the two ends, by frames and values
// (remote_frames.hpp, remote_values.hpp).
#ifndef SPLIT_TESTS_REMOTE_CALLS
#define SPLIT_TESTS_REMOTE_CALLS

namespace split_tests {

// The candidate's end: one call after the other, until the tests' program closes the socket.
class Calls {
public:
    bool next();
    template <class Value> typename std::decay<Value>::type argument() {
        return get_value<typename std::decay<Value>::type>(reader_);
    }
    template <class Value> void answer(const typename std::decay<Value>::type& value) {
        Writer writer;
        put_value<typename std::decay<Value>::type>(writer, value);
        writer.send_answer();
    }

private:
    Reader reader_;
};

// The tests' end. Its destructor, after main(), makes sure that the candidate's program is still there, as it must be
// in one program with the tests: one that ends while it starts fails even tests that never call it.
class Candidate {
public:
    explicit Candidate(bool may_answer_nan);
    ~Candidate();
    Reader& call(Writer& arguments);

private:
    Reader reader_;
    bool called_;
};

#ifndef SPLIT_TESTS_DEFINED_ELSEWHERE
void (*handle_signal(int number, void (*handler)(int)))(int) __asm__("signal");

bool Calls::next() {
    while (reader_.receive_arguments()) {
        if (!reader_.empty()) return Codec<bool>::get(reader_);
        Writer().send_answer();
    }
    return false;
}

static const int report = 16;  // where the grader learns that the tests came as far as a call (jobs.py, wire.py)

Candidate::Candidate(bool may_answer_nan) : called_(false) {
    handle_signal(13, reinterpret_cast<void (*)(int)>(1));  // SIGPIPE: the write fails instead
    if (!may_answer_nan) reader_.refuse_nan();
}

Candidate::~Candidate() {
    Writer().send_arguments();
    if (!reader_.receive_empty()) leave(peer_lost);
}

Reader& Candidate::call(Writer& arguments) {
    if (!called_) called_ = write_socket(report, "\x02", 1) != 0;
    arguments.send_arguments();
    if (!reader_.receive_answer()) leave(peer_lost);
    return reader_;
}
#endif

template <class Parameter> struct IsCopy {
    typedef typename std::remove_reference<Parameter>::type Value;
    static const bool value = !std::is_reference<Parameter>::value ||
                              (std::is_lvalue_reference<Parameter>::value && std::is_const<Value>::value);
};

template <class Parameter> void put_argument(Writer& to, const typename std::decay<Parameter>::type& value) {
    static_assert(IsCopy<Parameter>::value,
                  "split tests: a parameter must be a value or a const reference, for the program gets a copy");
    put_value<typename std::decay<Parameter>::type>(to, value);
}

template <class Return, class... Parameters>
Return call(Candidate& candidate, const typename std::decay<Parameters>::type&... arguments) {
    static_assert(!std::is_reference<Return>::value, "split tests: a reference into another program cannot be returned");
    Writer writer;
    Codec<bool>::put(writer, true);  // a call without arguments is no empty frame
    const int in_order[] = {0, (put_argument<Parameters>(writer, arguments), 0)...};
    static_cast<void>(in_order);
    Reader& reader = candidate.call(writer);
    typename std::decay<Return>::type answer = get_value<typename std::decay<Return>::type>(reader);
    reader.end();
    return answer;
}

}  // namespace split_tests
#endif
