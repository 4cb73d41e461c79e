// Values as bytes in a frame (remote_frames.hpp): numbers, containers, tuples and optionals, by their members.
#ifndef SPLIT_TESTS_REMOTE_VALUES
#define SPLIT_TESTS_REMOTE_VALUES

namespace split_tests {

template <class...> struct Always { typedef void type; };
template <class...> struct Never : std::false_type {};

template <class Value, class = void> struct Codec {
    static_assert(Never<Value>::value, "split tests: a value of this type cannot be sent to another program");
};

template <> struct Codec<bool> {
    static void put(Writer& to, bool value);
    static bool get(Reader& from);
};

#ifndef SPLIT_TESTS_DEFINED_ELSEWHERE
void Codec<bool>::put(Writer& to, bool value) {
    const unsigned char byte = value ? 1 : 0;
    to.put(&byte, 1);
}

bool Codec<bool>::get(Reader& from) {
    unsigned char byte;
    from.get(&byte, 1);
    if (byte > 1) leave(peer_lost);
    return byte == 1;
}
#endif

template <class Number>
struct Codec<Number, typename std::enable_if<std::is_arithmetic<Number>::value>::type> {
    static void put(Writer& to, Number value) { to.put(&value, sizeof value); }
    static Number get(Reader& from) {
        Number value;
        from.get(&value, sizeof value);
        from.check(value);
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
        for (std::size_t at = 0; std::is_floating_point<Member>::value && at < count; ++at) from.check(values[at]);
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

// Not inline: those of common types are compiled once for all programs.
template <class Value> void put_value(Writer& to, const Value& value) { Codec<Value>::put(to, value); }
template <class Value> Value get_value(Reader& from) { return Codec<Value>::get(from); }

}  // namespace split_tests
#endif
