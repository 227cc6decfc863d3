#pragma once

#include <napi.h>

namespace polarimeter::addon {

/// Adds the operations on matrices in memory: start_dense_<operation>, as add_operations, and what is answered at once.
void add_dense_operations(Napi::Env env, Napi::Object exports);

}  // namespace polarimeter::addon
