//! Seccomp filters: system calls that fail with a number of our choice.

use crate::child;

/// From here on this thread's system calls of that number fail with `errno`. Skips the case where
/// filters are not to be had.
pub(crate) fn refuse(number: libc::c_long, errno: u16) {
    refuse_if(number, None, errno);
}

/// As [`refuse`], but only those calls whose first argument is `first`, if that is asked for.
pub(crate) fn refuse_if(number: libc::c_long, first: Option<u32>, errno: u16) {
    const fn load(offset: u32) -> libc::sock_filter {
        libc::sock_filter {
            code: (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16,
            jt: 0,
            jf: 0,
            k: offset,
        }
    }
    const fn skip_unless(value: u32, instructions: u8) -> libc::sock_filter {
        libc::sock_filter {
            code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
            jt: 0,
            jf: instructions,
            k: value,
        }
    }
    const fn give(action: u32) -> libc::sock_filter {
        libc::sock_filter {
            code: (libc::BPF_RET | libc::BPF_K) as u16,
            jt: 0,
            jf: 0,
            k: action,
        }
    }
    // Of `struct seccomp_data`, and there of the low half of the first argument.
    const NUMBER: u32 = 0;
    const FIRST: u32 = if cfg!(target_endian = "big") { 20 } else { 16 };

    let refusal = give(libc::SECCOMP_RET_ERRNO | u32::from(errno));
    let filter = match first {
        None => vec![load(NUMBER), skip_unless(number as u32, 1), refusal],
        Some(first) => vec![
            load(NUMBER),
            skip_unless(number as u32, 3),
            load(FIRST),
            skip_unless(first, 1),
            refusal,
        ],
    };
    let filter = [filter, vec![give(libc::SECCOMP_RET_ALLOW)]].concat();
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_ptr().cast_mut(),
    };
    // SAFETY: takes integers, and takes rights away.
    let no_new_rights = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    // SAFETY: the program and its filter are live, and of the layout that the kernel reads.
    let filtered = unsafe {
        libc::prctl(
            libc::PR_SET_SECCOMP,
            libc::SECCOMP_MODE_FILTER,
            &raw const program,
        )
    };
    if no_new_rights != 0 || filtered != 0 {
        child::skip("this machine allows no seccomp filters");
    }
}
