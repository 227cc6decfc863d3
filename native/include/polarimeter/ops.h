#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "polarimeter/job.h"
#include "polarimeter/status.h"
#include "polarimeter/tensor_view.h"

namespace polarimeter {

// ---------------------------------------------------------------------------------------------- bytes

struct ContentHash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

/// Identity of a tensor's stored bytes, for keying results.
/// in    w       any supported dtype and encoding, stored: its bytes as they lie; read once, in blocks of 4 MiB
/// out   hash    XXH3-128 over the XXH3-128 digests of the blocks, in order; not cryptographic
/// sums  none
/// error exact
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kOutOfMemory kCancelled
/// from  xxHash specification 0.8
Status content_hash(const TensorView& w, Executor& executor, Control& control, ContentHash* hash);

struct ByteSum {
  std::uint64_t sum = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;
};

/// Sum of all bytes of the elements taken as 64-bit words: the rate at which these bytes can merely be summed, the ceiling of
/// element_pass.
/// in    views   each read once, in the order and blocks of element_pass
/// out   sum     wrapping sum of 64-bit little-endian words
/// error exact
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kOutOfMemory kCancelled
Status byte_sum(const std::vector<TensorView>& views, Executor& executor, Control& control, ByteSum* out);

/// Number of biased exponents of a bfloat16.
inline constexpr int kExponents = 256;

/// How many weights have which bfloat16 exponent: with it follows how many of them a given update would move by half
/// a step.
/// in    w       F64|F32|F16|BF16, rounded to bfloat16, nearest even; read once, in blocks
/// out   counts  (256) by biased exponent of b(w); 0 is zero and subnormal, 255 is NaN and infinity
/// error exact
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kOutOfMemory kCancelled
/// from  arXiv 2511.08567, Lemma E.2
Status exponent_histogram(const TensorView& w, Executor& executor, Control& control,
                          std::array<std::uint64_t, kExponents>* counts);

// ---------------------------------------------------------------------------------------------- element pass

/// Number of bins of the ULP-step histogram: 0, 1, 2, 3-4, 5-8, 9-16, 17-32, 33-64, 65-128, 129-256, more than 256
/// steps.
inline constexpr int kStepBins = 11;

enum class Isa { kScalar, kAvx2, kAvx512 };

/// The best instruction set of this build that this processor runs; POLARIMETER_ISA=scalar|avx2|avx512 forces a lower
/// one.
Isa best_isa();
const char* isa_name(Isa isa);
/// Whether this build and this processor can run `isa`.
bool isa_available(Isa isa);

struct ElementPassRequest {
  TensorView reference;
  std::vector<TensorView> variants;    ///< 1 to 64, same rows and cols as reference; dtypes may differ
  std::vector<float> bf16_thresholds;  ///< at most 8, ascending, finite, >= 0
  bool profiles = false;               ///< also return changed counts per row and per column; below 2^32 of either
  bool overlaps = false;               ///< also return how update masks overlap; needs 2 variants or more
  Isa isa = Isa::kScalar;              ///< which implementation; must be available
};

/// One variant against the reference. Elements that are NaN or infinite on either side, or round to an infinite bf16,
/// are counted in `invalid` and in nothing else. b(x) is x rounded to bfloat16, nearest even; -0 equals +0
/// everywhere.
struct PairElements {
  std::uint64_t n = 0;  ///< valid elements
  std::uint64_t invalid = 0;
  std::uint64_t unchanged_bf16 = 0;    ///< b(w') == b(w), arXiv 2511.08567 Def. 2.1 for any eta < 2^-9
  std::uint64_t unchanged_native = 0;  ///< w' == w as stored (after exact widening when the dtypes differ)
  std::vector<std::uint64_t> within;   ///< per threshold t: |b(w') - b(w)| <= t, difference in float32
  double sum_sq_reference = 0;         ///< sum of w^2
  double sum_sq_variant = 0;           ///< sum of w'^2
  /// sum of (w' - w)^2, w and w' as stored; the difference in F32 where all views are bf16, else F64
  double sum_sq_update = 0;
  double dot_reference_update = 0;  ///< sum of w (w' - w)
  double max_abs_update = 0;
  double sum_sq_ulp = 0;  ///< sum of ulp(b(w))^2, ulp = 2^(e-7), e the exponent of b(w); 0 counts as 0
  std::array<std::uint64_t, kStepBins> steps{};  ///< |code distance| between b(w) and b(w') on the ordered bf16 line
  std::vector<std::uint32_t> row_changed;        ///< (rows) b(w') != b(w); empty unless profiles
  std::vector<std::uint32_t> col_changed;        ///< (cols)
};

struct ElementPassResult {
  std::vector<PairElements> pairs;  ///< one per variant
  std::vector<double> update_dots;  ///< (N, N) row-major: sum of (w_i - w)(w_j - w) over elements valid in all three
  /// (N, N) row-major: elements with b(w_i) != b(w) and b(w_j) != b(w), among those valid in both pairs; on the
  /// diagonal all that changed in the pair. Empty unless overlaps, as is `consensus`
  std::vector<std::uint64_t> overlaps;
  /// (N + 1): elements valid in every pair that changed in exactly c of them
  std::vector<std::uint64_t> consensus;
  std::uint64_t valid_all = 0;  ///< elements valid in every pair, the sum of `consensus`; 0 unless overlaps
  std::uint64_t bytes = 0;      ///< bytes of the elements read, decoded where they are derived
  double seconds = 0;
};

/// Everything that one reading of a reference and its variants can tell, element by element.
/// in    request  F64|F32|F16|BF16, read once, in fixed blocks
/// out   result   counts exact; sums as below
/// work  per thread: staging for one block of every view (only for pread or non-bf16), counters of cols x variants; for
///       overlaps a mask of one block
/// sums  products and short partial sums F32 (F64 where a block's magnitude leaves [2^-50, 2^50] or the dtype is not
///       bf16), blocks F64, in an order fixed by the shape: the same bits for any number of threads on the same isa
/// error relative 1e-6 on each sum, of dot products on the sum of magnitudes; counts, maximum and histogram exact
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kOutOfMemory kCancelled
/// from  arXiv 2511.08567 (Def. 2.1, 2.2, Lemma E.2; overlap of masks and consensus of runs in 4), arXiv 2505.11711
Status element_pass(const ElementPassRequest& request, Executor& executor, Control& control, ElementPassResult* result);

// ---------------------------------------------------------------------------------------------- changes of one pair

/// What a pixel of a change tile says about the weights that it covers. Weights that element_pass counts as invalid
/// are left out, but for kSteps.
enum class ChangeReduction {
  /// int8: steps on the ordered bf16 line of the weight that moved most, up where two moved as far, cut to +-127; steps
  /// beyond 32767 count as 32767. 0 when none changed; -128 when one is invalid
  kSteps,
  kDensity,    ///< uint8: changed / valid times 255; 0 only when none changed, 255 only when all did
  kDirection,  ///< int8: (up - down) / changed times 127; -128 when none changed
  /// uint8: changes / (valid in every pair * variants) times 255; 0 only when nothing changed, 255 only when everything
  /// did
  kConsensus,
};

/// Level at which a pixel covers 2^24 x 2^24 weights.
inline constexpr int kHighestLevel = 24;
/// Most pixels of a tile.
inline constexpr std::int64_t kMostPixels = std::int64_t{1} << 20;

struct ChangeTileRequest {
  TensorView reference;
  std::vector<TensorView> variants;  ///< of the reference's shape; 1, for kConsensus 1 to 64
  std::int64_t row = 0, col = 0;     ///< first weight of the region
  std::int64_t rows = 0, cols = 0;   ///< weights of the region, which lies in the matrix and is not empty
  int level = 0;                     ///< a pixel covers 2^level x 2^level weights, fewer at the lower and right edge
  ChangeReduction reduction = ChangeReduction::kSteps;
  Isa isa = Isa::kScalar;  ///< which implementation; must be available
};

struct ChangeTile {
  std::int64_t rows = 0, cols = 0;   ///< pixels: those of the region over 2^level, rounded up
  std::vector<std::uint8_t> pixels;  ///< (rows, cols) row-major; signed ones in two's complement
  std::uint64_t bytes = 0;           ///< of the elements read, decoded where they are derived
};

/// A region of a matrix as a picture of what changed in it.
/// in    request  F64|F32|F16|BF16, rounded to bfloat16, nearest even; of each row only the columns of the region are
///       read, once, in blocks
/// out   tile     one byte per pixel
/// work  per thread: codes of one block of every view that is not mapped bf16, elements of one block, counters of its
///       columns; 33 bytes per pixel
/// sums  integers
/// error exact; a share is rounded to the nearest byte
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kOutOfMemory kCancelled
/// from  arXiv 2511.08567 (Def. 2.1; stripes of changed weights and consensus of runs in 4)
Status change_tile(const ChangeTileRequest& request, Executor& executor, Control& control, ChangeTile* tile);

struct StepHistogramRequest {
  TensorView reference;
  TensorView variant;      ///< of the reference's shape
  Isa isa = Isa::kScalar;  ///< which implementation; must be available
};

/// Valid weights by the biased exponent of b(w), and by how far they moved on the ordered bf16 line.
struct StepHistogram {
  using Bins = std::array<std::uint64_t, kStepBins>;
  std::array<Bins, kExponents> up{};    ///< the first bin: unchanged
  std::array<Bins, kExponents> down{};  ///< the first bin: 0
  std::uint64_t invalid = 0;            ///< as in element_pass
};

/// How far weights of which magnitude moved.
/// in    request    F64|F32|F16|BF16, rounded to bfloat16, nearest even; read once, in blocks
/// out   histogram  exponent 0 is zero and subnormal
/// work  per thread: one block of both views where they are not mapped bf16, tables of 50 kB
/// error exact
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kOutOfMemory kCancelled
/// from  arXiv 2511.08567, Lemma E.2
Status step_histogram(const StepHistogramRequest& request, Executor& executor, Control& control,
                      StepHistogram* histogram);

struct WeightsAtRequest {
  TensorView reference;
  std::vector<TensorView> variants;  ///< 1 to 64, of the reference's shape
  std::int64_t row = 0, col = 0;
};

struct WeightsAt {
  double reference = 0;
  std::vector<double> variants;
  std::vector<std::optional<int>> steps;  ///< from reference to variant on the ordered bf16 line; none where invalid
};

/// One weight on all sides.
/// in    request  F64|F32|F16|BF16, widened exactly
/// out   weights  and their steps
/// error exact
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kOutOfMemory kCancelled
Status weights_at(const WeightsAtRequest& request, Control& control, WeightsAt* weights);

// ---------------------------------------------------------------------------------------------- linear algebra, float64

/// Column-major (dim, count) float64 with orthonormal columns, ordered as the singular values that they belong to.
struct Basis {
  std::int64_t dim = 0;
  std::int64_t count = 0;
  std::vector<double> values;
};

struct SvdRequest {
  TensorView w;             ///< (m, n)
  TensorView minus;         ///< subtracted from w, in float64, when it is present: the spectrum of an update
  std::int64_t top = 0;     ///< leading triplets to return with vectors
  std::int64_t bottom = 0;  ///< trailing triplets to return with vectors; top + bottom <= min(m, n)
  /// Triplets to return with vectors from the middle of the spectrum, numbers `middle_first` and on, without one
  /// (d - middle) / 2, d = min(m, n); they must not overlap those of top and bottom
  std::int64_t middle = 0;
  std::optional<std::int64_t> middle_first = std::nullopt;
};

struct Svd {
  std::int64_t m = 0, n = 0;
  std::vector<double> sigma;        ///< all min(m, n), descending
  Basis left_top, right_top;        ///< (m, top), (n, top)
  Basis left_bottom, right_bottom;  ///< (m, bottom), (n, bottom), in descending order of sigma
  Basis left_middle, right_middle;  ///< (m, middle), (n, middle), in descending order of sigma
  /// max over returned i of max(|W v_i - s_i u_i|, |W^T u_i - s_i v_i|) / s_1; 0 when no vectors or W = 0
  double residual = 0;
  double orthogonality = 0;  ///< max over the returned bases of max |Q^T Q - I|
  double trace_error = 0;    ///< |sum sigma^2 - |W|_F^2| / |W|_F^2; 0 when W = 0
  double sigma_floor = 0;    ///< singular values below this are noise of the method
  double seconds = 0;
};

/// Bytes that svd_gram_f64 / svd_direct_f64 allocate at most for this request, results included. On top of it BLAS
/// keeps a packing buffer of its own for each thread that calls it.
std::uint64_t svd_gram_f64_bytes(const SvdRequest& request);
std::uint64_t svd_direct_f64_bytes(const SvdRequest& request);

/// All singular values, and leading, middle and trailing vectors, through the Gram matrix of the short side.
/// in    request F64|F32|F16|BF16, widened exactly, read in blocks along the long side: once, twice more when vectors
///       are asked for (those of the long side, then the residual), and once before where an operand is F64 (for a
///       scale that keeps squares inside float64)
/// out   svd     sigma, bases, residual, orthogonality
/// work  d*d F64 + (m+n)*(top+middle+bottom) + a block of 32 MiB, d = min(m, n)
/// sums  F64 (dsyrk and dgemm, blocked tridiagonal reduction, root-free QL for the values, dstemr for the vectors)
/// error |d sigma_i| <= about d eps s_1^2 / s_i; below sigma_floor = sqrt(d eps) s_1 values are noise, use
///       svd_direct_f64. Vectors of the long side that belong to such values are an orthonormal completion, not
///       singular vectors; `residual` shows it
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kNotFinite kNoConvergence kOutOfMemory
///       kLibraryMissing kCancelled
/// from  Golub & Van Loan, Matrix Computations, 4th ed., 8.6
Status svd_gram_f64(const SvdRequest& request, Control& control, Svd* svd);

/// All singular values, and leading, middle and trailing vectors, by bidiagonalisation of the matrix itself.
/// in    request F64|F32|F16|BF16, widened exactly
/// out   svd     sigma, bases, residual, orthogonality
/// work  m*n F64 + what dgesdd asks
/// sums  F64 (dgesdd)
/// error |d sigma_i| <= about d eps s_1; sigma_floor = d eps s_1 note  dgesdd itself cannot be interrupted: a
///       cancellation during it is seen when it ends
/// fails as svd_gram_f64; kInvalidArgument also beyond d = 23000, where dgesdd's workspace exceeds 32-bit integers
/// from  LAPACK Users' Guide, 3rd ed., 2.4.6
Status svd_direct_f64(const SvdRequest& request, Control& control, Svd* svd);

/// Principal angles between span(a) and span(b), in radians, ascending.
/// in    a, b    (d, k_a), (d, k_b), columns orthonormal to 1e-8, which is checked
/// out   angles  min(k_a, k_b); where cos^2 >= 1/2 from the sines, the singular values of (I - a a^T) b, else from
///       the cosines
/// sums  F64
/// error about d eps absolute; no floor at small angles
/// fails kInvalidArgument kNoConvergence kOutOfMemory kLibraryMissing kCancelled
/// from  Bjorck & Golub, Math. Comp. 27 (1973); Knyazev & Argentati, SIAM J. Sci. Comput. 23 (2002)
Status principal_angles(const Basis& a, const Basis& b, Control& control, std::vector<double>* angles);

struct FrameEnergy {
  double total = 0;      ///< |dW|_F^2
  double two_sided = 0;  ///< |U^T dW V|_F^2
  double diagonal = 0;   ///< sum of the squared diagonal of U^T dW V: the part that moves singular values
  double left = 0;       ///< |U^T dW|_F^2
  double right = 0;      ///< |dW V|_F^2
  /// (k) u_i^T dW v_i: the best fit of W' by W with rescaled singular values has the factors 1 + value / sigma_i
  std::vector<double> diagonal_values;
};

/// Energy of an update dW = W' - W in the frame of k leading singular vectors of W.
/// in    reference, variant  (m, n), widened exactly, read once in row blocks; u (m, k), v (n, k) orthonormal
/// out   energy   squares of Frobenius norms, and the diagonal
/// work  a block of 16 MiB F64 + block rows * k + n*k + k*k, d = min(m, n); k <= d
/// sums  F64
/// error relative d eps, of a diagonal value on |dW|_2
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kNotFinite kOutOfMemory kLibraryMissing kCancelled
/// from  arXiv 2509.12235 (public code), baseline k^2/(mn); the factors of the diagonal arXiv 2501.06252
Status frame_energy(const TensorView& reference, const TensorView& variant, const Basis& u, const Basis& v,
                    Control& control, FrameEnergy* energy);

struct MaskOverlapRequest {
  TensorView reference;    ///< W (m, n)
  TensorView variant;      ///< W', same shape; dtypes may differ
  std::int64_t k = 0;      ///< leading triplets of W that make its principal part; at least 1
  double share = 0;        ///< of the entries that a mask selects, 0 to 1
  std::uint64_t seed = 0;  ///< of the permutation of the null
};

/// One mask over the entries of W.
struct MaskCounts {
  std::uint64_t size = 0;          ///< entries in the mask; size / n is the chance level of overlap / update
  std::uint64_t overlap = 0;       ///< of them in the update mask
  std::uint64_t null_overlap = 0;  ///< of them in the null update mask
  std::array<std::uint64_t, kExponents> exponents{};  ///< of them by the biased exponent of b(w)
};

struct MaskOverlap {
  std::uint64_t n = 0;
  std::uint64_t update = 0;       ///< entries with b(w') != b(w): bfloat16, nearest even, -0 equal to +0
  std::uint64_t null_update = 0;  ///< the same for W plus the updates in random places
  std::array<std::uint64_t, kExponents> exponents{};  ///< all entries by the biased exponent of b(w)
  MaskCounts principal;                               ///< the K largest |entries| of the rank-k part of W
  MaskCounts low;                                     ///< the K smallest |w|
  MaskCounts principal_not_low;                       ///< in the first and not in the second
};

/// Bytes that mask_overlap allocates at most for this request. On top of it BLAS keeps a packing buffer of its own for
/// each thread that calls it.
std::uint64_t mask_overlap_bytes(const MaskOverlapRequest& request);

/// How the entries that an update changed lie to the principal and to the small weights of W.
/// in    request  F64|F32|F16|BF16, widened exactly; W read four times and W' once, in blocks
///       svd      of W, with at least k leading triplets
/// out   overlap  K = round(share * n) entries by exact selection, of equal ones those that come first in row-major
///                order; compared are float32 magnitudes, of the rank-k part after its float64 product. The null has
///                the updates w' - w, as float32, moved to other places by a permutation of all n entries that follows
///                from seed and n, and is rounded as the variant is: b(w + moved update) != b(w)
/// work  n F32 + 2 n bits + 12 MiB
/// sums  F64 (dgemm) on one thread, in blocks fixed by the shape
/// error counts exact, but for entries of the rank-k part that differ by less than d eps s_1
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kOutOfMemory kLibraryMissing kCancelled; kNotFinite
///       also where an entry rounds to an infinite bfloat16
/// from  arXiv 2511.08567 (principal and low-magnitude masks), principal weights after arXiv 2506.00772
Status mask_overlap(const MaskOverlapRequest& request, const Svd& svd, Control& control, MaskOverlap* overlap);

struct BlasInfo {
  std::string path;    ///< the library that was loaded
  std::string config;  ///< what it says of itself
  std::string core;    ///< the kernel family it chose
};

/// Loads BLAS and LAPACK once (POLARIMETER_BLAS names a library, else the usual places) and sets it to one thread.
/// Where the processor has AVX-512 and OPENBLAS_CORETYPE is not set, OpenBLAS is told to use its AVX-512 kernels.
/// Environment variables are set during the load and put back: call it early, before other threads read the
/// environment.
/// fails kLibraryMissing with every path tried
Status load_blas(BlasInfo* info);

}  // namespace polarimeter
