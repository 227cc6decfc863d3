#include "dense_operations.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "dense_requests.h"
#include "handles.h"
#include "polarimeter/dense.h"
#include "start_job.h"
#include "view_requests.h"

namespace polarimeter::addon {
namespace {

Napi::Value counted(Napi::Env env, std::uint64_t number) { return Napi::Number::New(env, static_cast<double>(number)); }

Napi::Value matrix_reply(Napi::Env env, const DenseMatrix::Shared& matrix) {
  auto object = Napi::Object::New(env);
  object.Set("matrix", create_dense_handle(env, matrix));
  object.Set("rows", counted(env, static_cast<std::uint64_t>(matrix->rows())));
  object.Set("cols", counted(env, static_cast<std::uint64_t>(matrix->cols())));
  return object;
}

Napi::Float64Array copied(Napi::Env env, const double* values, std::size_t count) {
  auto array = Napi::Float64Array::New(env, count);
  std::copy_n(values, count, array.Data());
  return array;
}

/// A job whose result is a matrix: compute(control, &matrix).
template <typename Compute>
Napi::Value start_matrix(const Napi::CallbackInfo& info, Compute compute) {
  return start_with<DenseMatrix::Shared>(
      info,
      [compute = std::move(compute)](Executor&, Control& control, DenseMatrix::Shared* matrix) {
        return compute(control, matrix);
      },
      [](Napi::Env env, const std::shared_ptr<DenseMatrix::Shared>& matrix) { return matrix_reply(env, *matrix); });
}

/// A job whose result is a number: compute(control, &number).
template <typename Number, typename Compute>
Napi::Value start_number(const Napi::CallbackInfo& info, Compute compute) {
  return start_with<Number>(
      info,
      [compute = std::move(compute)](Executor&, Control& control, Number* number) { return compute(control, number); },
      [](Napi::Env env, const std::shared_ptr<Number>& number) -> Napi::Value {
        return Napi::Number::New(env, static_cast<double>(*number));
      });
}

/// A job that changes a matrix: compute(control).
template <typename Compute>
Napi::Value start_change(const Napi::CallbackInfo& info, Compute compute) {
  struct Nothing {};
  return start_with<Nothing>(
      info, [compute = std::move(compute)](Executor&, Control& control, Nothing*) { return compute(control); },
      [](Napi::Env env, const std::shared_ptr<Nothing>&) { return env.Undefined(); });
}

template <typename Compute>
Napi::Value start_writing(const Napi::CallbackInfo& info, Compute compute) {
  return start_with<Written>(
      info,
      [compute = std::move(compute)](Executor&, Control& control, Written* written) {
        return compute(control, written);
      },
      [](Napi::Env env, const std::shared_ptr<Written>& written) -> Napi::Value {
        auto object = Napi::Object::New(env);
        object.Set("bytes", counted(env, written->bytes));
        object.Set("rounding", written->rounding);
        object.Set("overflowed", counted(env, written->overflowed));
        object.Set("not_finite", counted(env, written->not_finite));
        return object;
      });
}

Napi::Value start_dense_read(const Napi::CallbackInfo& info) {
  return start_matrix(info, [w = tensor_view_from(request_of(info).field("w"))](
                                Control& control, DenseMatrix::Shared* out) { return dense_read(w, control, out); });
}

Napi::Value start_dense_make(const Napi::CallbackInfo& info) {
  return start_matrix(info, [request = make_from(request_of(info))](Control& control, DenseMatrix::Shared* out) {
    const auto& [kind, rows, cols, seed] = request;
    if (kind == MadeOf::kNormal) return dense_normal(rows, cols, seed, control, out);
    if (kind == MadeOf::kHaar) return dense_haar(rows, seed, control, out);
    if (kind == MadeOf::kHadamard) return dense_hadamard(rows, seed, control, out);
    return dense_zeros(rows, cols, control, out);
  });
}

Napi::Value start_dense_block(const Napi::CallbackInfo& info) {
  const Argument request = request_of(info);
  DenseMatrix::Shared a = dense_from(request.field("a"));
  const DenseBlock block = block_from(request, *a);
  return start_matrix(info, [a = std::move(a), block](Control& control, DenseMatrix::Shared* out) {
    return dense_block(*a, block, control, out);
  });
}

Napi::Value start_dense_place(const Napi::CallbackInfo& info) {
  const Argument request = request_of(info);
  DenseMatrix::Shared a = dense_from(request.field("a"));
  const std::int64_t row = request.field("row").integer(0, a->rows());
  const std::int64_t col = request.field("col").integer(0, a->cols());
  return start_change(info, [a = std::move(a), row, col, part = dense_from(request.field("part"))](Control& control) {
    return dense_place(*a, row, col, *part, control);
  });
}

Napi::Value start_dense_multiply(const Napi::CallbackInfo& info) {
  return start_matrix(info, [request = multiply_from(request_of(info))](Control& control, DenseMatrix::Shared* out) {
    return dense_multiply({*request.a, *request.b, request.transposed_a, request.transposed_b}, control, out);
  });
}

Napi::Value start_dense_add(const Napi::CallbackInfo& info) {
  const Argument request = request_of(info);
  return start_change(info, [a = dense_from(request.field("a")), b = dense_from(request.field("b")),
                             factor = request.field("factor").number()](Control& control) {
    return dense_add(*a, factor, *b, control);
  });
}

Napi::Value start_dense_scale(const Napi::CallbackInfo& info) {
  const Argument request = request_of(info);
  return start_change(info, [a = dense_from(request.field("a")), factors = factors_from(request.field("factors"))](
                                Control& control) { return dense_scale(*a, factors, control); });
}

Napi::Value start_dense_norm(const Napi::CallbackInfo& info) {
  return start_number<double>(info, [a = dense_from(request_of(info).field("a"))](Control& control, double* norm) {
    return dense_norm(*a, control, norm);
  });
}

Napi::Value start_dense_dot(const Napi::CallbackInfo& info) {
  const Argument request = request_of(info);
  return start_number<double>(info, [a = dense_from(request.field("a")), b = dense_from(request.field("b"))](
                                        Control& control, double* dot) { return dense_dot(*a, *b, control, dot); });
}

Napi::Value start_dense_svd(const Napi::CallbackInfo& info) {
  const Argument request = request_of(info);
  DenseMatrix::Shared a = dense_from(request.field("a"));
  const std::int64_t d = std::min(a->rows(), a->cols());
  return start_with<DenseSvd>(
      info,
      [a = std::move(a), ranges = ranges_from(request.field("ranges"), d)](Executor&, Control& control, DenseSvd* svd) {
        return dense_svd(a, ranges, control, svd);
      },
      [](Napi::Env env, const std::shared_ptr<DenseSvd>& svd) -> Napi::Value {
        auto object = Napi::Object::New(env);
        object.Set("left", matrix_reply(env, svd->left));
        object.Set("right", matrix_reply(env, svd->right));
        object.Set("sigma", copied(env, svd->sigma.data(), svd->sigma.size()));
        object.Set("all", copied(env, svd->all.data(), svd->all.size()));
        object.Set("residual", svd->residual);
        object.Set("method", svd->method);
        return object;
      });
}

Napi::Value start_dense_polar(const Napi::CallbackInfo& info) {
  return start_matrix(info, [a = dense_from(request_of(info).field("a"))](Control& control, DenseMatrix::Shared* out) {
    return dense_polar(a, control, out);
  });
}

Napi::Value start_dense_keep_where(const Napi::CallbackInfo& info) {
  return start_number<std::uint64_t>(
      info, [request = keep_where_from(request_of(info))](Control& control, std::uint64_t* selected) {
        return dense_keep_where(*request.a, *request.b, request.mask, control, selected);
      });
}

Napi::Value start_dense_write(const Napi::CallbackInfo& info) {
  const Argument request = request_of(info);
  return start_writing(info, [a = dense_from(request.field("a")), to = destination_from(request.field("to"))](
                                 Control& control, Written* written) { return dense_write(*a, to, control, written); });
}

Napi::Value start_dense_convert(const Napi::CallbackInfo& info) {
  return start_writing(info, [request = convert_from(request_of(info))](Control& control, Written* written) {
    return dense_convert(request.w, request.stored_as, request.to, control, written);
  });
}

Napi::Value dense_from_values(const Napi::CallbackInfo& info) {
  const Argument request = request_of(info);
  const Argument values = request.field("values");
  const std::int64_t rows = request.field("rows").integer(0, kMaxSafeInteger);
  const std::int64_t cols = request.field("cols").integer(0, kMaxSafeInteger);
  const Napi::Float64Array given = values.doubles();
  std::int64_t elements = 0;
  if (__builtin_mul_overflow(rows, cols, &elements) || static_cast<std::uint64_t>(elements) != given.ElementLength()) {
    values.refuse("as many numbers as the matrix has elements");
  }
  DenseMatrix::Shared made;
  if (const Status status = DenseMatrix::make(rows, cols, &made); !status.ok()) {
    throw coded_error(info.Env(), code_name(status.code), status.message);
  }
  std::copy_n(given.Data(), given.ElementLength(), made->data());
  return matrix_reply(info.Env(), made);
}

Napi::Value dense_values(const Napi::CallbackInfo& info) {
  const DenseMatrix::Shared a = dense_from({info[0], "matrix"});
  return copied(info.Env(), a->data(), static_cast<std::size_t>(a->elements()));
}

Napi::Value dense_svd_bytes(const Napi::CallbackInfo& info) {
  const Argument request = request_of(info);
  return counted(info.Env(), polarimeter::dense_svd_bytes(request.field("rows").integer(0, kMaxSafeInteger),
                                                          request.field("cols").integer(0, kMaxSafeInteger),
                                                          request.field("triplets").integer(0, kMaxSafeInteger)));
}

void release_dense(const Napi::CallbackInfo& info) { release_dense_handle({info[0], "matrix"}); }

}  // namespace

void add_dense_operations(Napi::Env env, Napi::Object exports) {
  exports.Set("start_dense_read", Napi::Function::New<start_dense_read>(env, "start_dense_read"));
  exports.Set("start_dense_make", Napi::Function::New<start_dense_make>(env, "start_dense_make"));
  exports.Set("start_dense_block", Napi::Function::New<start_dense_block>(env, "start_dense_block"));
  exports.Set("start_dense_place", Napi::Function::New<start_dense_place>(env, "start_dense_place"));
  exports.Set("start_dense_multiply", Napi::Function::New<start_dense_multiply>(env, "start_dense_multiply"));
  exports.Set("start_dense_add", Napi::Function::New<start_dense_add>(env, "start_dense_add"));
  exports.Set("start_dense_scale", Napi::Function::New<start_dense_scale>(env, "start_dense_scale"));
  exports.Set("start_dense_norm", Napi::Function::New<start_dense_norm>(env, "start_dense_norm"));
  exports.Set("start_dense_dot", Napi::Function::New<start_dense_dot>(env, "start_dense_dot"));
  exports.Set("start_dense_svd", Napi::Function::New<start_dense_svd>(env, "start_dense_svd"));
  exports.Set("start_dense_polar", Napi::Function::New<start_dense_polar>(env, "start_dense_polar"));
  exports.Set("start_dense_keep_where", Napi::Function::New<start_dense_keep_where>(env, "start_dense_keep_where"));
  exports.Set("start_dense_write", Napi::Function::New<start_dense_write>(env, "start_dense_write"));
  exports.Set("start_dense_convert", Napi::Function::New<start_dense_convert>(env, "start_dense_convert"));
  exports.Set("dense_from_values", Napi::Function::New<dense_from_values>(env, "dense_from_values"));
  exports.Set("dense_values", Napi::Function::New<dense_values>(env, "dense_values"));
  exports.Set("dense_svd_bytes", Napi::Function::New<dense_svd_bytes>(env, "dense_svd_bytes"));
  exports.Set("release_dense", Napi::Function::New<release_dense>(env, "release_dense"));
}

}  // namespace polarimeter::addon
