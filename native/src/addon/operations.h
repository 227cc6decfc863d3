#pragma once

#include <napi.h>

namespace polarimeter::addon {

/// Adds start_<operation> functions to the exports. Each takes (request, on_end) and returns a job handle.
void add_operations(Napi::Env env, Napi::Object exports);

}  // namespace polarimeter::addon
