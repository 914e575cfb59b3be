# How the first processor gets from what QEMU leaves it in to Rust.
#
# PVH (Xen's "boot ABI for PVH guests"): QEMU loads the ELF file, looks for this note, and jumps to where it points,
# in protected mode with 32 bits, without paging, and with interrupts masked.

.section .note.pvh, "a", @note
.align 4
    .long 2f - 1f               # size of the name
    .long 4f - 3f               # size of the address
    .long 18                    # XEN_ELFNOTE_PHYS32_ENTRY
1:  .asciz "Xen"
2:  .align 4
3:  .quad start
4:

.section .text.boot, "ax"
.code32
.global start
start:
    mov $boot_stack_top, %esp
    call enter_long_mode_tables
    ljmp $0x08, $start64

# Paging on, and with it long mode: what is left is to load a code segment of 64 bits.
enter_long_mode_tables:
    mov %cr4, %eax
    or $0x620, %eax             # PAE, OSFXSR, OSXMMEXCPT
    mov %eax, %cr4
    mov $page_map, %eax
    mov %eax, %cr3
    mov $0xC0000080, %ecx       # EFER
    rdmsr
    or $0x100, %eax             # LME
    wrmsr
    mov %cr0, %eax
    or $0x80010002, %eax        # PG, WP, MP
    and $~4, %eax               # EM
    mov %eax, %cr0
    lgdt boot_gdt_pointer
    ret

.code64
start64:
    xor %eax, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $boot_stack_top, %rsp
    xor %ebp, %ebp
    call kernel_main
    ud2

.section .data.boot, "aw"
.align 8
boot_gdt:
    .quad 0
    .quad 0x00AF9A000000FFFF    # 0x08: code, 64 bits
boot_gdt_pointer:
    .word . - boot_gdt - 1
    .quad boot_gdt

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

.section .bss.boot, "aw", @nobits
.align 16
boot_stack:
    .skip 65536
boot_stack_top:
