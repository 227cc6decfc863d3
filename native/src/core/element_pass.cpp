#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <new>

#include "core/chunk_run.h"
#include "core/element_worker.h"
#include "core/scratch_pool.h"

namespace polarimeter {
namespace {

constexpr std::size_t kMaxVariants = 64;

Status invalid(const char* what) { return Status::Error(Code::kInvalidArgument, std::string("element_pass: ") + what); }

bool are_thresholds(const std::vector<float>& values) {
  if (values.size() > static_cast<std::size_t>(kMaxThresholds)) return false;
  float previous = 0;
  for (const float value : values) {
    if (!std::isfinite(value) || value < previous) return false;
    previous = value;
  }
  return true;
}

Status validate(const ElementPassRequest& request) {
  if (request.variants.empty() || request.variants.size() > kMaxVariants) return invalid("needs 1 to 64 variants.");
  if (!are_thresholds(request.bf16_thresholds)) {
    return invalid("takes at most 8 thresholds, finite, ascending, not negative.");
  }
  if (request.overlaps && request.variants.size() < 2) return invalid("overlaps need 2 variants or more.");
  if (!isa_available(request.isa)) return invalid("this processor or build lacks the instruction set asked for.");
  if (Status status = request.reference.validate(); !status.ok()) return status;
  for (const TensorView& variant : request.variants) {
    if (Status status = variant.validate(); !status.ok()) return status;
    if (variant.rows != request.reference.rows || variant.cols != request.reference.cols) {
      return invalid("every variant must have the shape of the reference.");
    }
  }
  constexpr std::int64_t kMostCounted = std::numeric_limits<std::uint32_t>::max();
  if (request.profiles && (request.reference.rows > kMostCounted || request.reference.cols > kMostCounted)) {
    return invalid("profiles need fewer than 2^32 rows and columns.");
  }
  return Status::Ok();
}

std::vector<TensorView> views_of(const ElementPassRequest& request) {
  std::vector<TensorView> views = {request.reference};
  views.insert(views.end(), request.variants.begin(), request.variants.end());
  return views;
}

bool all_bf16(const std::vector<TensorView>& views) {
  for (const TensorView& view : views) {
    if (view.dtype != DType::kBF16) return false;
  }
  return true;
}

/// Adds records in the order of their chunks. Holds those that come early, and no others.
class OrderedSum {
 public:
  explicit OrderedSum(const ElementPlan& plan) : sum_(plan) {}

  void add(std::int64_t chunk, ElementRecord record) {
    const std::lock_guard lock(mutex_);
    early_.emplace(chunk, std::move(record));
    for (auto next = early_.find(next_); next != early_.end(); next = early_.find(next_)) {
      sum_.add(next->second);
      early_.erase(next);
      ++next_;
    }
  }

  const ElementRecord& sum() const { return sum_; }

 private:
  std::mutex mutex_;
  std::int64_t next_ = 0;
  std::map<std::int64_t, ElementRecord> early_;
  ElementRecord sum_;
};

void fill(const PairSums& sums, std::size_t thresholds, PairElements* pair) {
  pair->n = sums.n;
  pair->invalid = sums.invalid;
  pair->unchanged_bf16 = sums.n - sums.changed;
  pair->unchanged_native = sums.n - sums.changed_native;
  for (std::size_t t = 0; t < thresholds; ++t) pair->within.push_back(sums.n - sums.beyond[t]);
  pair->sum_sq_reference = sums.sum_sq_reference;
  pair->sum_sq_variant = sums.sum_sq_variant;
  pair->sum_sq_update = sums.sum_sq_update;
  pair->dot_reference_update = sums.dot_reference_update;
  pair->max_abs_update = sums.max_abs_update;
  pair->sum_sq_ulp = sums.sum_sq_ulp;
  // Bin 0 is "at least 0 and not more than 0 steps", bin 1 "more than 0, not more than 1", then powers of two.
  std::uint64_t at_least = sums.n;
  std::uint64_t more = sums.changed;
  for (std::size_t bin = 0; bin < kStepBins; ++bin) {
    pair->steps[bin] = at_least - more;
    at_least = more;
    more = bin < static_cast<std::size_t>(kStepPlanes) ? sums.above[bin] : 0;
  }
}

void fill_dots(const ElementRecord& record, std::vector<double>* dots) {
  const std::size_t variants = record.pairs.size();
  dots->assign(variants * variants, 0.0);
  std::size_t next = 0;
  for (std::size_t j = 0; j < variants; ++j) {
    (*dots)[j * variants + j] = record.pairs[j].sum_sq_update;
    for (std::size_t i = 0; i < j; ++i, ++next) {
      (*dots)[i * variants + j] = record.dots[next];
      (*dots)[j * variants + i] = record.dots[next];
    }
  }
}

void fill_overlaps(const ElementRecord& record, ElementPassResult* result) {
  const std::size_t variants = record.pairs.size();
  result->overlaps.assign(variants * variants, 0);
  std::size_t next = 0;
  for (std::size_t j = 0; j < variants; ++j) {
    result->overlaps[j * variants + j] = record.pairs[j].changed;
    for (std::size_t i = 0; i < j; ++i, ++next) {
      result->overlaps[i * variants + j] = record.overlaps.common[next];
      result->overlaps[j * variants + i] = record.overlaps.common[next];
    }
  }
  result->consensus = record.overlaps.consensus;
  for (const std::uint64_t elements : result->consensus) result->valid_all += elements;
}

Status run(const ElementPassRequest& request, Executor& executor, Control& control, ElementPassResult* result) {
  const auto start = std::chrono::steady_clock::now();
  const ElementPlan plan(request);
  result->bytes = total_bytes(plan.views);
  control.total.store(result->bytes, std::memory_order_relaxed);
  result->pairs.resize(plan.variants());
  ChangeProfiles profiles(plan, &result->pairs);
  OrderedSum sum(plan);
  ScratchPool<ElementWorker> workers([&plan] { return std::make_unique<ElementWorker>(plan); });
  const Status status = run_chunks(plan.geometry.chunks(), executor, control, plan.views, [&](std::int64_t chunk) {
    std::unique_ptr<ElementWorker> worker = workers.take();
    ElementRecord record(plan);
    Status done = worker->run_chunk(chunk, control, &profiles, &record);
    if (done.ok()) sum.add(chunk, std::move(record));
    workers.give_back(std::move(worker));
    return done;
  });
  if (!status.ok()) return status;
  for (std::size_t i = 0; i < plan.variants(); ++i) {
    fill(sum.sum().pairs[i], request.bf16_thresholds.size(), &result->pairs[i]);
  }
  fill_dots(sum.sum(), &result->update_dots);
  if (plan.overlaps) fill_overlaps(sum.sum(), result);
  result->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return Status::Ok();
}

}  // namespace

ElementPlan::ElementPlan(const ElementPassRequest& request)
    : views(views_of(request)),
      geometry(request.reference.rows, request.reference.cols),
      kernels(element_kernels(request.isa)),
      thresholds(make_thresholds(request.bf16_thresholds)),
      difference(all_bf16(views) ? Difference::kF32 : Difference::kF64),
      staged(!all_bf16(views) || !kernels.bf16_in_place),
      profiles(request.profiles),
      overlaps(request.overlaps) {}

Status element_pass(const ElementPassRequest& request, Executor& executor, Control& control,
                    ElementPassResult* result) try {
  *result = ElementPassResult();
  if (Status status = validate(request); !status.ok()) return status;
  Status status = run(request, executor, control, result);
  if (!status.ok()) *result = ElementPassResult();
  return status;
} catch (const std::bad_alloc&) {
  *result = ElementPassResult();
  return out_of_memory();
}

}  // namespace polarimeter
