#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace polarimeter {

/// Memory that begins at a cache line, which the widest registers want.
template <class Element>
struct CacheLineAllocator {
  using value_type = Element;
  static constexpr std::align_val_t kAlignment{64};

  CacheLineAllocator() = default;
  template <class Other>
  CacheLineAllocator(const CacheLineAllocator<Other>&) {}

  Element* allocate(std::size_t count) {
    return static_cast<Element*>(::operator new(count * sizeof(Element), kAlignment));
  }
  void deallocate(Element* memory, std::size_t) { ::operator delete(memory, kAlignment); }
  bool operator==(const CacheLineAllocator&) const { return true; }
};

template <class Element>
using AlignedVector = std::vector<Element, CacheLineAllocator<Element>>;

}  // namespace polarimeter
