#pragma once

#include <cstdint>
#include <cstring>
#include <limits>

#include "cpu/element_block_portable.h"

// Loops over pairs of finite bf16 codes in registers of 16-bit lanes: what changed, and by how many steps on the
// ordered line. Each source of an instruction set includes this file and compiles its own copy: hence the unnamed
// namespace.

namespace polarimeter {
namespace {  // NOLINT(google-build-namespaces)

using Shorts = std::int16_t __attribute__((vector_size(kRegister)));
/// For what may wrap around.
using Counters = std::uint16_t __attribute__((vector_size(kRegister)));
inline constexpr std::int64_t kShorts = kRegister / 2;
static_assert(kTileQuantum % kShorts == 0);

// By reference: how registers pass by value depends on the instruction set.
inline void load_shorts(const void* memory, Shorts& lanes) { std::memcpy(&lanes, memory, sizeof lanes); }
inline void store_shorts(void* memory, const Shorts& lanes) { std::memcpy(memory, &lanes, sizeof lanes); }

/// counters += 1 where the mask is -1.
inline void count_where(const Shorts& mask, std::uint16_t* counters) {
  Counters counts;
  std::memcpy(&counts, counters, sizeof counts);
  counts -= reinterpret_cast<Counters>(mask);
  std::memcpy(counters, &counts, sizeof counts);
}

/// body(i, w, v) for each register of both runs; what the last one lacks is zero.
template <class Body>
inline void for_registers(const std::byte* reference, const std::byte* variant, std::int64_t count, Body body) {
  Shorts w;
  Shorts v;
  std::int64_t i = 0;
  for (; i + kShorts <= count; i += kShorts) {
    load_shorts(reference + 2 * i, w);
    load_shorts(variant + 2 * i, v);
    body(i, w, v);
  }
  if (i == count) return;
  w = Shorts{};
  v = Shorts{};
  std::memcpy(&w, reference + 2 * i, static_cast<std::size_t>(2 * (count - i)));
  std::memcpy(&v, variant + 2 * i, static_cast<std::size_t>(2 * (count - i)));
  body(i, w, v);
}

/// -1 where the values differ, else 0; both zeros are equal.
inline void differing(const Shorts& w, const Shorts& v, Shorts& mask) { mask = (w != v) & (((w | v) & 0x7FFF) != 0); }

inline void on_line(const Shorts& codes, Shorts& ordered) {
  const Shorts sign = codes >> 15;
  ordered = ((codes & 0x7FFF) ^ sign) - sign;
}

/// Steps from w to v, cut to +-32767.
inline void steps_between(const Shorts& w, const Shorts& v, Shorts& steps) {
  Shorts from;
  Shorts to;
  on_line(w, from);
  on_line(v, to);
  const auto wrapped = reinterpret_cast<Shorts>(reinterpret_cast<Counters>(to) - reinterpret_cast<Counters>(from));
  const Shorts overflow = ((from ^ to) & (wrapped ^ to)) >> 15;
  const Shorts limit = ((to >> 15) ^ 0x7FFF) | 1;
  steps = (wrapped & ~overflow) | (limit & overflow);
  steps -= steps == std::numeric_limits<std::int16_t>::min();
}

inline bool all_finite(const std::byte* codes, std::int64_t count) {
  Shorts largest = {};
  for_registers(codes, codes, count, [&largest](std::int64_t, const Shorts& code, const Shorts&) {
    const Shorts magnitude = code & 0x7FFF;
    largest = magnitude > largest ? magnitude : largest;
  });
  for (int i = 0; i < kShorts; ++i) {
    if (largest[i] >= 0x7F80) return false;
  }
  return true;
}

inline void add_changed(const std::byte* reference, const std::byte* variant, std::int64_t count,
                        const ChangeColumns& columns) {
  for_registers(reference, variant, count, [&columns](std::int64_t i, const Shorts& w, const Shorts& v) {
    Shorts mask;
    differing(w, v, mask);
    count_where(mask, columns.changed + i);
  });
}

inline void add_directions(const std::byte* reference, const std::byte* variant, std::int64_t count,
                           const ChangeColumns& columns) {
  for_registers(reference, variant, count, [&columns](std::int64_t i, const Shorts& w, const Shorts& v) {
    Shorts from;
    Shorts to;
    on_line(w, from);
    on_line(v, to);
    count_where(from != to, columns.changed + i);
    count_where(to > from, columns.up + i);
  });
}

inline void widen_steps(const std::byte* reference, const std::byte* variant, std::int64_t count,
                        const ChangeColumns& columns) {
  for_registers(reference, variant, count, [&columns](std::int64_t i, const Shorts& w, const Shorts& v) {
    Shorts highest;
    Shorts lowest;
    Shorts steps;
    load_shorts(columns.highest + i, highest);
    load_shorts(columns.lowest + i, lowest);
    steps_between(w, v, steps);
    highest = steps > highest ? steps : highest;
    lowest = steps < lowest ? steps : lowest;
    store_shorts(columns.highest + i, highest);
    store_shorts(columns.lowest + i, lowest);
  });
}

inline void step_cells(const std::byte* reference, const std::byte* variant, std::int64_t count, std::uint16_t* cells) {
  for_registers(reference, variant, count, [cells](std::int64_t i, const Shorts& w, const Shorts& v) {
    Shorts steps;
    steps_between(w, v, steps);
    const Shorts down = steps < 0;
    const Shorts distance = (steps ^ down) - down;
    Shorts bin = -(distance > 0);
    Shorts bound = Shorts{} + 1;
    for (int plane = 0; plane < kStepPlanes; ++plane) {
      bin -= distance > bound;
      bound += bound;
    }
    const Shorts exponent = (w >> 7) & 0xFF;
    const Shorts cell = exponent * static_cast<std::int16_t>(2 * kStepBins) + (down & kStepBins) + bin;
    store_shorts(cells + i, cell);
  });
}

}  // namespace
}  // namespace polarimeter
