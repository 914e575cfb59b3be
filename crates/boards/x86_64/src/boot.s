# How a processor gets to Rust: the first from what QEMU leaves it in, the second from where every processor
# of a PC begins.
#
#   first    PVH: 32 bits, no paging ──▶ start ─────────┐
#                                                        ├─▶ paging, long mode ─▶ kernel_main, application_main
#   second   16 bits, at 0x8000 ──▶ trampoline ─▶ 32 bits ┘
#
# PVH is the "boot ABI for PVH guests" of Xen, which QEMU and Firecracker speak, too: the loader reads an ELF file, looks
# for this note, and jumps to where it points.

.section .note.pvh, "a", @note
.align 4
    .long 2f - 1f               # size of the name
    .long 4f - 3f               # size of the address
    .long 18                    # XEN_ELFNOTE_PHYS32_ENTRY
1:  .asciz "Xen"
2:  .align 4
3:  .quad start
4:

.set STACK, 65536               # `stack::SIZE`
.set PAINT, 0x5A5A5A5A          # `stack::PAINT`, half of it
.set TRAMPOLINE, 0x8000         # `application::TRAMPOLINE`

.section .text.boot, "ax"
.code32
.global start
start:
    cld
    mov $stacks, %edi           # no stack has been used yet
    mov $2 * STACK / 4, %ecx
    mov $PAINT, %eax
    rep stosl
    mov $stacks + STACK, %esp
    call enable_long_mode
    ljmp $0x08, $start64

# Paging on, and with it long mode: what is left is to load a code segment of 64 bits.
enable_long_mode:
    mov %cr4, %eax
    or $0x620, %eax             # PAE; OSFXSR and OSXMMEXCPT, for the unwinder saves SSE's control word
    mov %eax, %cr4
    mov $page_map, %eax
    mov %eax, %cr3
    mov $0xC0000080, %ecx       # EFER
    rdmsr
    or $0x100, %eax             # LME
    wrmsr
    mov %cr0, %eax
    and $~4, %eax               # no EM
    or $0x80010002, %eax        # PG, WP, MP
    mov %eax, %cr0
    lgdt gdt_pointer
    ret

.code64
start64:
    call clear_segments
    mov $stacks + STACK, %rsp
    xor %ebp, %ebp
    call kernel_main
    ud2

clear_segments:
    xor %eax, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %fs
    mov %eax, %gs
    mov %eax, %ss
    ret

# Copied to TRAMPOLINE, where the second processor begins with 16 bits.
.code16
.global trampoline
.global trampoline_end
trampoline:
    cli
    cld
    xor %ax, %ax
    mov %ax, %ds
    lgdtl TRAMPOLINE + (gdt_pointer_16 - trampoline)
    mov %cr0, %eax
    or $1, %eax                 # PE
    mov %eax, %cr0
    ljmpl $0x10, $application32
.align 8
gdt_pointer_16:
    .word gdt_end - gdt - 1
    .long gdt
trampoline_end:

.code32
application32:
    mov $0x18, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $stacks + 2 * STACK, %esp
    call enable_long_mode
    ljmp $0x08, $application64

.code64
application64:
    call clear_segments
    mov $stacks + 2 * STACK, %rsp
    xor %ebp, %ebp
    call application_main
    ud2

.section .data.boot, "aw"
.align 8
gdt:
    .quad 0
    .quad 0x00AF9A000000FFFF    # 0x08: code, 64 bits
    .quad 0x00CF9A000000FFFF    # 0x10: code, 32 bits
    .quad 0x00CF92000000FFFF    # 0x18: data, 32 bits
gdt_end:
gdt_pointer:
    .word gdt_end - gdt - 1
    .quad gdt

# The first 4 GiB where they are, in pages of 2 MiB; the last GiB, where the devices are, without caches.
.align 4096
page_map:
    .quad page_pointers + 3     # present, writable
    .fill 511, 8, 0
page_pointers:
    .quad page_directories + 0x0003
    .quad page_directories + 0x1003
    .quad page_directories + 0x2003
    .quad page_directories + 0x3003
    .fill 508, 8, 0
page_directories:
    .set page, 0
    .rept 1536
    .quad page + 0x83           # present, writable, large
    .set page, page + 0x200000
    .endr
    .rept 512
    .quad page + 0x93           # and uncached
    .set page, page + 0x200000
    .endr

.section .bss.stacks, "aw", @nobits
.align 16
.global stacks
stacks:
    .skip 2 * STACK
