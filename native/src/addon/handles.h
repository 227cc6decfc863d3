#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>

#include "arguments.h"
#include "background_job.h"
#include "polarimeter/dense.h"
#include "polarimeter/ops.h"
#include "polarimeter/tensor_view.h"

// Handles are tagged externals. What they point to is shared: closing or releasing a handle, or collecting it as
// garbage, ends the handle's share only, and a running job keeps its own.

namespace polarimeter::addon {

Napi::Value create_file_handle(Napi::Env env, std::shared_ptr<File> file);
/// throws on another handle or a closed one
std::shared_ptr<File> file_from(const Argument& handle);
/// Closing twice is allowed.
void close_file_handle(const Argument& handle);

Napi::Value create_job_handle(Napi::Env env, std::shared_ptr<BackgroundJob> job);
std::shared_ptr<BackgroundJob> job_from(const Argument& handle);

/// Bytes that a decomposition holds outside the JavaScript heap.
std::int64_t svd_bytes_held(const Svd& svd);
Napi::Value create_svd_handle(Napi::Env env, std::shared_ptr<const Svd> svd);
/// throws on another handle or a released one
std::shared_ptr<const Svd> svd_from(const Argument& handle);
/// Releasing twice is allowed.
void release_svd_handle(const Argument& handle);

Napi::Value create_dense_handle(Napi::Env env, DenseMatrix::Shared matrix);
/// throws on another handle or a released one
DenseMatrix::Shared dense_from(const Argument& handle);
/// Releasing twice is allowed.
void release_dense_handle(const Argument& handle);

}  // namespace polarimeter::addon
