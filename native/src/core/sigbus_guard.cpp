#include "core/sigbus_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace polarimeter {
namespace {

// The handler may only read lock-free memory that is never freed: a fixed table of ranges.
constexpr int kSlots = 4096;
constexpr std::uintptr_t kFree = 0;
constexpr std::uintptr_t kClaimed = 1;  // no page begins at address 1

struct Slot {
  std::atomic<std::uintptr_t> begin{kFree};
  std::atomic<std::uintptr_t> end{0};
  std::atomic<bool> damaged{false};
};

Slot slots[kSlots];
struct sigaction previous_action;
std::uintptr_t page_size = 0;

bool put_zero_pages(std::uintptr_t address) {
  for (Slot& slot : slots) {
    const std::uintptr_t begin = slot.begin.load(std::memory_order_acquire);
    const std::uintptr_t end = slot.end.load(std::memory_order_acquire);
    if (begin <= kClaimed || address < begin || address >= end) continue;
    if (slot.begin.load(std::memory_order_acquire) != begin) continue;
    slot.damaged.store(true, std::memory_order_release);
    const std::uintptr_t page = address / page_size * page_size;
    void* const where = reinterpret_cast<void*>(page);
    return mmap(where, end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == where;
  }
  return false;
}

void on_sigbus(int signal_number, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const bool handled = put_zero_pages(reinterpret_cast<std::uintptr_t>(info->si_addr));
  errno = saved_errno;
  if (handled) return;
  if ((previous_action.sa_flags & SA_SIGINFO) != 0) {
    previous_action.sa_sigaction(signal_number, info, context);
  } else if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN) {
    previous_action.sa_handler(signal_number);
  } else {
    // Not ours and nobody else's: the instruction faults again and the default action ends the process.
    signal(signal_number, SIG_DFL);
  }
}

bool install_handler() {
  page_size = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  struct sigaction action = {};
  action.sa_sigaction = on_sigbus;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigemptyset(&action.sa_mask);
  return sigaction(SIGBUS, &action, &previous_action) == 0;
}

}  // namespace

bool SigbusGuard::watch(void* begin, std::size_t length) {
  static const bool installed = install_handler();
  if (!installed) return false;
  for (int i = 0; i < kSlots; ++i) {
    std::uintptr_t expected = kFree;
    if (!slots[i].begin.compare_exchange_strong(expected, kClaimed, std::memory_order_acq_rel)) continue;
    const auto address = reinterpret_cast<std::uintptr_t>(begin);
    slots[i].damaged.store(false, std::memory_order_relaxed);
    slots[i].end.store(address + length, std::memory_order_release);
    slots[i].begin.store(address, std::memory_order_release);
    slot_ = i;
    return true;
  }
  return false;
}

SigbusGuard::~SigbusGuard() {
  if (slot_ >= 0) slots[slot_].begin.store(kFree, std::memory_order_release);
}

bool SigbusGuard::damaged() const { return slot_ >= 0 && slots[slot_].damaged.load(std::memory_order_acquire); }

}  // namespace polarimeter
