#include "handles.h"

#include <memory>
#include <type_traits>
#include <utility>

namespace polarimeter::addon {
namespace {

// Random numbers, one pair per kind of handle.
constexpr napi_type_tag kFileTag = {0x5c1f8a0d3be74e21ULL, 0x9a77c40be2d6135fULL};
constexpr napi_type_tag kJobTag = {0xd2903f5e71ac4b88ULL, 0x8e16b7f90c5d24a3ULL};
constexpr napi_type_tag kDenseTag = {0x6b04e8d1f7c2395aULL, 0xe18d53a6407fb92cULL};
constexpr napi_type_tag kSvdTag = {0x37e6a9c4f80b4d12ULL, 0xb5d0217e6f93c84aULL};

struct FileHolder {
  std::shared_ptr<File> file;
};

struct JobHolder {
  std::shared_ptr<BackgroundJob> job;
};

struct SvdHolder {
  std::shared_ptr<const Svd> held;
  std::int64_t bytes = 0;
};

struct DenseHolder {
  DenseMatrix::Shared held;
  std::int64_t bytes = 0;
};

/// Whether the garbage collector is told what a handle holds.
template <typename Holder>
constexpr bool kHoldsMuch = std::is_same_v<Holder, SvdHolder> || std::is_same_v<Holder, DenseHolder>;

/// Tells the garbage collector about native memory. Advice only, so that a refusal does no harm.
void adjust_external_memory(napi_env env, std::int64_t change) {
  std::int64_t total = 0;
  static_cast<void>(napi_adjust_external_memory(env, change, &total));
}

template <typename Holder>
void release(napi_env env, Holder& holder) {
  if (!holder.held) return;
  holder.held.reset();
  adjust_external_memory(env, -holder.bytes);
}

template <typename Holder>
void finalize(Napi::BasicEnv env, Holder* holder) {
  if constexpr (kHoldsMuch<Holder>) release(env, *holder);
  delete holder;
}

template <typename Holder>
Napi::Value create(Napi::Env env, Holder holder, const napi_type_tag& tag) {
  auto owned = std::make_unique<Holder>(std::move(holder));
  auto handle = Napi::External<Holder>::New(env, owned.get(), finalize<Holder>);
  [[maybe_unused]] const Holder& held = *owned.release();
  // At once: the finalizer takes the bytes back, also when the tag cannot be set in a thread that is being terminated.
  if constexpr (kHoldsMuch<Holder>) adjust_external_memory(env, held.bytes);
  handle.TypeTag(&tag);
  return handle;
}

template <typename Holder>
Holder& holder_from(const Argument& handle, const napi_type_tag& tag, const char* expected) {
  if (!handle.value().IsExternal()) handle.refuse(expected);
  const auto external = handle.value().As<Napi::External<Holder>>();
  if (!external.CheckTypeTag(&tag)) handle.refuse(expected);
  return *external.Data();
}

[[noreturn]] void refuse_ended(const Argument& handle, const char* message) {
  throw coded_error(handle.value().Env(), "invalid-argument", message);
}

FileHolder& file_holder(const Argument& handle) {
  return holder_from<FileHolder>(handle, kFileTag, "a file handle of open_file");
}

SvdHolder& svd_holder(const Argument& handle) {
  return holder_from<SvdHolder>(handle, kSvdTag, "a decomposition handle of start_svd");
}

DenseHolder& dense_holder(const Argument& handle) {
  return holder_from<DenseHolder>(handle, kDenseTag, "a matrix handle of start_dense_read or another that makes one");
}

}  // namespace

Napi::Value create_file_handle(Napi::Env env, std::shared_ptr<File> file) {
  return create(env, FileHolder{std::move(file)}, kFileTag);
}

std::shared_ptr<File> file_from(const Argument& handle) {
  const FileHolder& holder = file_holder(handle);
  if (!holder.file) refuse_ended(handle, "the file handle was closed before");
  return holder.file;
}

void close_file_handle(const Argument& handle) { file_holder(handle).file.reset(); }

Napi::Value create_job_handle(Napi::Env env, std::shared_ptr<BackgroundJob> job) {
  return create(env, JobHolder{std::move(job)}, kJobTag);
}

std::shared_ptr<BackgroundJob> job_from(const Argument& handle) {
  return holder_from<JobHolder>(handle, kJobTag, "a job handle").job;
}

std::int64_t svd_bytes_held(const Svd& svd) {
  std::size_t doubles = svd.sigma.size();
  for (const Basis* basis :
       {&svd.left_top, &svd.right_top, &svd.left_middle, &svd.right_middle, &svd.left_bottom, &svd.right_bottom}) {
    doubles += basis->values.size();
  }
  return static_cast<std::int64_t>(doubles * sizeof(double));
}

Napi::Value create_svd_handle(Napi::Env env, std::shared_ptr<const Svd> svd) {
  const std::int64_t bytes = svd_bytes_held(*svd);
  return create(env, SvdHolder{std::move(svd), bytes}, kSvdTag);
}

std::shared_ptr<const Svd> svd_from(const Argument& handle) {
  const SvdHolder& holder = svd_holder(handle);
  if (!holder.held) refuse_ended(handle, "the decomposition was released before");
  return holder.held;
}

void release_svd_handle(const Argument& handle) { release(handle.value().Env(), svd_holder(handle)); }

Napi::Value create_dense_handle(Napi::Env env, DenseMatrix::Shared matrix) {
  const auto bytes = matrix->elements() * static_cast<std::int64_t>(sizeof(double));
  return create(env, DenseHolder{std::move(matrix), bytes}, kDenseTag);
}

DenseMatrix::Shared dense_from(const Argument& handle) {
  const DenseHolder& holder = dense_holder(handle);
  if (!holder.held) refuse_ended(handle, "the matrix was released before");
  return holder.held;
}

void release_dense_handle(const Argument& handle) { release(handle.value().Env(), dense_holder(handle)); }

}  // namespace polarimeter::addon
