use core::ops::{Deref, DerefMut};

/// Keeps a value on cache lines of its own, so that cores that write to neighbours do not
/// slow each other down (false sharing).
///
/// The alignment is by target: 128 bytes on x86_64, aarch64 and powerpc64, whose prefetchers
/// fetch lines in pairs or whose lines are that long; 256 on s390x; 32 on 32-bit ARM, MIPS,
/// SPARC and Hexagon; none on 16-bit and AVR cores, which have no cache; 64 elsewhere. The feature
/// `no-cache-pad` takes it away on every target.
///
/// Padding belongs between words that *different cores write*: the ends of a queue, the states of
/// two workers. Inside one lock or one cell it only costs memory.
///
/// # Examples
///
/// ```
/// use pintle_core::{CachePadded, atomic::AtomicUsize};
///
/// struct Ends {
///     head: CachePadded<AtomicUsize>,
///     tail: CachePadded<AtomicUsize>,
/// }
/// # let ends = Ends { head: Default::default(), tail: Default::default() };
/// # let distance = (&raw const ends.tail as usize).abs_diff(&raw const ends.head as usize);
/// # if cfg!(all(target_arch = "x86_64", not(feature = "no-cache-pad"))) { assert!(distance >= 128); }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    all(
        not(feature = "no-cache-pad"),
        any(
            target_arch = "x86_64",
            target_arch = "aarch64",
            target_arch = "arm64ec",
            target_arch = "powerpc64",
        )
    ),
    repr(align(128))
)]
#[cfg_attr(
    all(not(feature = "no-cache-pad"), target_arch = "s390x"),
    repr(align(256))
)]
#[cfg_attr(
    all(
        not(feature = "no-cache-pad"),
        any(
            target_arch = "arm",
            target_arch = "mips",
            target_arch = "mips32r6",
            target_arch = "mips64",
            target_arch = "mips64r6",
            target_arch = "sparc",
            target_arch = "hexagon",
        )
    ),
    repr(align(32))
)]
#[cfg_attr(
    all(
        not(feature = "no-cache-pad"),
        not(any(
            target_arch = "x86_64",
            target_arch = "aarch64",
            target_arch = "arm64ec",
            target_arch = "powerpc64",
            target_arch = "s390x",
            target_arch = "arm",
            target_arch = "mips",
            target_arch = "mips32r6",
            target_arch = "mips64",
            target_arch = "mips64r6",
            target_arch = "sparc",
            target_arch = "hexagon",
            target_arch = "msp430",
            target_arch = "avr",
        ))
    ),
    repr(align(64))
)]
pub struct CachePadded<T> {
    value: T,
}

impl<T> CachePadded<T> {
    /// Pads `value`.
    #[inline]
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self { value }
    }

    /// Takes the value out of its padding.
    #[inline]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for CachePadded<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for CachePadded<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> From<T> for CachePadded<T> {
    #[inline]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}
