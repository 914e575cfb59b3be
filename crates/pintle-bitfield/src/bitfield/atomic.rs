//! The part of the expansion that depends on the feature `atomic`.

/// Gives a bitfield its `into_atomic`, if its word can be atomic.
///
/// Defined twice here, instead of emitting a `cfg(feature)` into its caller, who has other features.
#[cfg(feature = "atomic")]
#[doc(hidden)]
#[macro_export]
macro_rules! __bitfield_atomic {
    (u8 $vis:vis) => {
        $crate::__bitfield_atomic! { @ AtomicU8 $vis }
    };
    (u16 $vis:vis) => {
        $crate::__bitfield_atomic! { @ AtomicU16 $vis }
    };
    (u32 $vis:vis) => {
        $crate::__bitfield_atomic! { @ AtomicU32 $vis }
    };
    (usize $vis:vis) => {
        $crate::__bitfield_atomic! { @ AtomicUsize $vis }
    };
    (@ $Atomic:ident $vis:vis) => {
        $crate::__private::const_fn! {
            /// Makes an atomic word that begins as this one.
            #[inline]
            #[must_use]
            $vis const fn into_atomic(self) -> $crate::AtomicBits<Self> {
                $crate::AtomicBits::from_atomic($crate::__private::$Atomic::new(self.0))
            }
        }
    };
    ($Word:ident $vis:vis) => {};
}

/// Without the feature `atomic` no bitfield has it.
#[cfg(not(feature = "atomic"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __bitfield_atomic {
    ($Word:ident $vis:vis) => {};
}
