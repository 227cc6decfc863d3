#pragma once

#include <napi.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace polarimeter::addon {

/// A JavaScript value with the name under which the caller knows it, e.g. `variants[2].rows`. Every reading checks the
/// value and throws a TypeError with code "invalid-argument": expected X for `name` but received Y.
class Argument {
 public:
  Argument(Napi::Value value, std::string name) : value_(value), name_(std::move(name)) {}

  const Napi::Value& value() const { return value_; }
  /// Whether an optional value was left out.
  bool absent() const { return value_.IsUndefined(); }

  /// A property of an object.
  Argument field(const char* name) const;
  /// The items of an array of `least` to `most` items.
  std::vector<Argument> items(std::uint32_t least, std::uint32_t most) const;

  /// A number without fraction in [low, high], both within the safe integers.
  std::int64_t integer(std::int64_t low, std::int64_t high) const;
  /// A byte position: a safe integer that is not negative, or a BigInt that fits 64 bits.
  std::uint64_t offset() const;
  /// A BigInt that fits 64 bits without sign.
  std::uint64_t word() const;
  /// A Float64Array; points into the memory of JavaScript.
  Napi::Float64Array doubles() const;
  /// A finite number that is not negative.
  double magnitude() const;
  /// A finite number.
  double number() const;
  bool flag() const;
  std::string text() const;
  /// The position of a string within `choices`.
  std::size_t choice(std::initializer_list<const char*> choices) const;
  Napi::Function function() const;

  [[noreturn]] void refuse(const std::string& expected) const;

 private:
  Napi::Value value_;
  std::string name_;
};

/// Largest integer that a JavaScript number holds exactly.
inline constexpr std::int64_t kMaxSafeInteger = (std::int64_t{1} << 53) - 1;

/// A TypeError with a code, to be thrown.
Napi::Error coded_error(Napi::Env env, const std::string& code, const std::string& message);

}  // namespace polarimeter::addon
