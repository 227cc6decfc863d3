#include "arguments.h"

#include <cmath>

namespace polarimeter::addon {
namespace {

constexpr std::size_t kShownCharacters = 40;

std::string shortened(const std::string& text) {
  if (text.size() <= kShownCharacters) return text;
  std::size_t end = kShownCharacters;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

/// What a value is, in a few words; runs none of the caller's code.
std::string described(const Napi::Value& value) {
  switch (value.Type()) {
    case napi_undefined:
      return "undefined";
    case napi_null:
      return "null";
    case napi_string:
      return '"' + shortened(value.As<Napi::String>().Utf8Value()) + '"';
    case napi_symbol:
      return "a symbol";
    case napi_function:
      return "a function";
    case napi_external:
      return "another handle";
    case napi_object:
      return value.IsArray() ? "an array of " + std::to_string(value.As<Napi::Array>().Length()) : "an object";
    case napi_bigint:
      return shortened(value.ToString().Utf8Value()) + "n";
    default:
      return value.ToString().Utf8Value();
  }
}

bool is_whole(double number) { return std::isfinite(number) && std::trunc(number) == number; }

}  // namespace

Napi::Error coded_error(Napi::Env env, const std::string& code, const std::string& message) {
  Napi::Error error = Napi::TypeError::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

void Argument::refuse(const std::string& expected) const {
  throw coded_error(value_.Env(), "invalid-argument",
                    "expected " + expected + " for `" + name_ + "` but received " + described(value_));
}

Argument Argument::field(const char* name) const {
  if (!value_.IsObject() || value_.IsArray() || value_.IsFunction()) refuse("an object");
  const bool top_level = name_ == "request";
  return {value_.As<Napi::Object>().Get(name), top_level ? name : name_ + "." + name};
}

std::vector<Argument> Argument::items(std::uint32_t least, std::uint32_t most) const {
  const std::string expected = "an array of " + std::to_string(least) + " to " + std::to_string(most) + " items";
  if (!value_.IsArray()) refuse(expected);
  const auto array = value_.As<Napi::Array>();
  const std::uint32_t length = array.Length();
  if (length < least || length > most) refuse(expected);
  std::vector<Argument> items;
  items.reserve(length);
  for (std::uint32_t i = 0; i < length; ++i) items.emplace_back(array.Get(i), name_ + "[" + std::to_string(i) + "]");
  return items;
}

std::int64_t Argument::integer(std::int64_t low, std::int64_t high) const {
  const double number = value_.IsNumber() ? value_.As<Napi::Number>().DoubleValue() : std::nan("");
  if (!is_whole(number) || number < static_cast<double>(low) || number > static_cast<double>(high)) {
    refuse("an integer from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return static_cast<std::int64_t>(number);
}

std::uint64_t Argument::offset() const {
  if (value_.IsBigInt()) {
    bool lossless = false;
    const std::uint64_t number = value_.As<Napi::BigInt>().Uint64Value(&lossless);
    if (!lossless) refuse("a byte position below 2^64");
    return number;
  }
  const double number = value_.IsNumber() ? value_.As<Napi::Number>().DoubleValue() : std::nan("");
  if (!is_whole(number) || number < 0 || number > static_cast<double>(kMaxSafeInteger)) {
    refuse("a byte position (an integer from 0 to 2^53 - 1, or a BigInt)");
  }
  return static_cast<std::uint64_t>(number);
}

std::uint64_t Argument::word() const {
  bool lossless = false;
  const std::uint64_t number = value_.IsBigInt() ? value_.As<Napi::BigInt>().Uint64Value(&lossless) : 0;
  if (!lossless) refuse("a BigInt from 0 to 2^64 - 1");
  return number;
}

Napi::Float64Array Argument::doubles() const {
  if (!value_.IsTypedArray() || value_.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) {
    refuse("a Float64Array");
  }
  return value_.As<Napi::Float64Array>();
}

double Argument::magnitude() const {
  const double number = value_.IsNumber() ? value_.As<Napi::Number>().DoubleValue() : std::nan("");
  if (!std::isfinite(number) || number < 0) refuse("a finite number that is not negative");
  return number;
}

double Argument::number() const {
  const double number = value_.IsNumber() ? value_.As<Napi::Number>().DoubleValue() : std::nan("");
  if (!std::isfinite(number)) refuse("a finite number");
  return number;
}

bool Argument::flag() const {
  if (!value_.IsBoolean()) refuse("true or false");
  return value_.As<Napi::Boolean>().Value();
}

std::string Argument::text() const {
  if (!value_.IsString()) refuse("a string");
  std::string text = value_.As<Napi::String>().Utf8Value();
  if (text.empty() || text.find('\0') != std::string::npos)
    refuse("a string that is neither empty nor holds a zero character");
  return text;
}

std::size_t Argument::choice(std::initializer_list<const char*> choices) const {
  const std::string text = value_.IsString() ? value_.As<Napi::String>().Utf8Value() : "";
  std::string listed;
  std::size_t position = 0;
  for (const char* choice : choices) {
    if (text == choice) return position;
    listed += (position == 0 ? "\"" : " or \"") + std::string(choice) + '"';
    ++position;
  }
  refuse(listed);
}

Napi::Function Argument::function() const {
  if (!value_.IsFunction()) refuse("a function");
  return value_.As<Napi::Function>();
}

}  // namespace polarimeter::addon
