#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "polarimeter/ops.h"

using polarimeter::best_isa;
using polarimeter::Isa;
using polarimeter::isa_available;
using polarimeter::isa_name;

namespace {

/// Sets POLARIMETER_ISA and puts back what was there.
class Wish {
 public:
  explicit Wish(const char* value) {
    const char* const before = std::getenv("POLARIMETER_ISA");
    had_ = before != nullptr;
    if (had_) before_ = before;
    setenv("POLARIMETER_ISA", value, 1);
  }
  ~Wish() {
    if (had_) {
      setenv("POLARIMETER_ISA", before_.c_str(), 1);
    } else {
      unsetenv("POLARIMETER_ISA");
    }
  }
  Wish(const Wish&) = delete;
  Wish& operator=(const Wish&) = delete;

 private:
  bool had_ = false;
  std::string before_;
};

}  // namespace

TEST_CASE("names of instruction sets") {
  CHECK(std::string(isa_name(Isa::kScalar)) == "scalar");
  CHECK(std::string(isa_name(Isa::kAvx2)) == "avx2");
  CHECK(std::string(isa_name(Isa::kAvx512)) == "avx512");
}

TEST_CASE("the wish lowers the instruction set and never raises it") {
  CHECK(isa_available(Isa::kScalar));
  Isa best = Isa::kScalar;
  {
    const Wish wish("");
    best = best_isa();
  }
  CHECK(isa_available(best));
  {
    const Wish wish("scalar");
    CHECK(best_isa() == Isa::kScalar);
  }
  {
    const Wish wish("avx2");
    CHECK(best_isa() == (isa_available(Isa::kAvx2) ? Isa::kAvx2 : Isa::kScalar));
  }
  {
    const Wish wish("avx512");
    CHECK(best_isa() == best);
  }
  {
    const Wish wish("sse9");
    CHECK(best_isa() == best);
  }
}
