# riscv-rt asks here which hart prepares the memory: hart 0. The other sleeps until that one interrupts it, which it
# does when the statics are there.
    .section .init.mp_hook, "ax"
    .global _mp_hook
_mp_hook:
    beqz a0, 2f
    csrsi mie, 8            # of the software interrupt, for wfi
1:  wfi
    csrr t0, mip
    andi t0, t0, 8
    beqz t0, 1b
    li a0, 0
    ret
2:  li a0, 1
    ret
