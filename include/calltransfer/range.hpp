/* How loops go through what is read page by page. */
#ifndef CALLTRANSFER_RANGE_HPP
#define CALLTRANSFER_RANGE_HPP

#include <calltransfer/handle.hpp>

#ifndef CALLTRANSFER_NO_EXCEPTIONS

#include <cstddef>
#include <iterator>

namespace calltransfer {

namespace detail {

/// The end of a loop.
struct range_end {};

/// A place in a range that can be gone through once. All iterators of a range are at the same place.
template <class Range, class Item> class range_iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = Item *;
    using reference = Item &;

    range_iterator() = default;
    explicit range_iterator(Range &range) : range_(&range) { ++*this; }

    Item &operator*() const noexcept { return *range_->current_; }
    Item *operator->() const noexcept { return &*range_->current_; }
    range_iterator &operator++()
    {
        range_->current_ = range_->next();
        return *this;
    }
    void operator++(int) { ++*this; }

    friend bool operator==(const range_iterator &at, range_end) noexcept { return at.is_at_end(); }
    friend bool operator!=(const range_iterator &at, range_end) noexcept { return !at.is_at_end(); }
    friend bool operator==(range_end, const range_iterator &at) noexcept { return at.is_at_end(); }
    friend bool operator!=(range_end, const range_iterator &at) noexcept { return !at.is_at_end(); }

private:
    bool is_at_end() const noexcept { return range_ == nullptr || !range_->current_; }

    Range *range_ = nullptr;
};

} // namespace detail

} // namespace calltransfer

#endif

#endif // CALLTRANSFER_RANGE_HPP
