#include <napi.h>

#include "arguments.h"
#include "dense_operations.h"
#include "engine.h"
#include "handles.h"
#include "instance.h"
#include "operations.h"
#include "polarimeter/ops.h"
#include "polarimeter/tensor_view.h"

namespace polarimeter::addon {
namespace {

constexpr int kMaxThreads = 1024;

[[noreturn]] void fail(Napi::Env env, const Status& status) {
  throw coded_error(env, code_name(status.code), status.message);
}

void configure(const Napi::CallbackInfo& info) {
  const auto threads = static_cast<int>(Argument(info[0], "threads").integer(1, kMaxThreads));
  if (const Status status = Engine::instance().configure(threads); !status.ok()) fail(info.Env(), status);
}

Napi::Value capabilities(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto isas = Napi::Array::New(env);
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (isa_available(isa)) isas.Set(isas.Length(), isa_name(isa));
  }
  auto result = Napi::Object::New(env);
  result.Set("threads", Engine::instance().threads());
  result.Set("isa", isa_name(best_isa()));
  result.Set("isas", isas);
  BlasInfo blas;
  const Status status = load_blas(&blas);
  auto blas_object = Napi::Object::New(env);
  if (status.ok()) {
    blas_object.Set("path", blas.path);
    blas_object.Set("config", blas.config);
    blas_object.Set("core", blas.core);
  } else {
    blas_object.Set("code", code_name(status.code));
    blas_object.Set("message", status.message);
  }
  result.Set("blas", blas_object);
  return result;
}

Napi::Value active_jobs(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(Engine::instance().active()));
}

Napi::Value open_file(const Napi::CallbackInfo& info) {
  static constexpr Access kAccesses[] = {Access::kAuto, Access::kMap, Access::kRead};
  const std::string path = Argument(info[0], "path").text();
  const Access access = kAccesses[Argument(info[1], "access").choice({"auto", "map", "read"})];
  std::shared_ptr<File> file;
  if (const Status status = File::open(path, access, &file); !status.ok()) fail(info.Env(), status);
  return create_file_handle(info.Env(), std::move(file));
}

Napi::Value file_info(const Napi::CallbackInfo& info) {
  const std::shared_ptr<File> file = file_from({info[0], "file"});
  auto result = Napi::Object::New(info.Env());
  result.Set("path", file->path());
  result.Set("size", static_cast<double>(file->size()));
  result.Set("access", file->access() == Access::kMap ? "map" : "read");
  return result;
}

void close_file(const Napi::CallbackInfo& info) { close_file_handle({info[0], "file"}); }

Napi::Value job_progress(const Napi::CallbackInfo& info) {
  const std::shared_ptr<BackgroundJob> job = job_from({info[0], "job"});
  auto result = Napi::Object::New(info.Env());
  result.Set("done", static_cast<double>(job->control().done));
  result.Set("total", static_cast<double>(job->control().total));
  return result;
}

Napi::Value cancel_job(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), job_from({info[0], "job"})->cancel());
}

void release_svd(const Napi::CallbackInfo& info) { release_svd_handle({info[0], "svd"}); }

Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Instance(env));
  exports.Set("configure", Napi::Function::New<configure>(env, "configure"));
  exports.Set("capabilities", Napi::Function::New<capabilities>(env, "capabilities"));
  exports.Set("active_jobs", Napi::Function::New<active_jobs>(env, "active_jobs"));
  exports.Set("open_file", Napi::Function::New<open_file>(env, "open_file"));
  exports.Set("file_info", Napi::Function::New<file_info>(env, "file_info"));
  exports.Set("close_file", Napi::Function::New<close_file>(env, "close_file"));
  exports.Set("job_progress", Napi::Function::New<job_progress>(env, "job_progress"));
  exports.Set("cancel_job", Napi::Function::New<cancel_job>(env, "cancel_job"));
  exports.Set("release_svd", Napi::Function::New<release_svd>(env, "release_svd"));
  add_operations(env, exports);
  add_dense_operations(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(polarimeter, init)

}  // namespace polarimeter::addon
