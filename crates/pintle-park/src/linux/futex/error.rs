//! What the errors of the operations have in common.

/// Declares an operation's error: a variant for each errno that the kernel documents, and
/// `Other`. The variants under `ours` are found before the kernel is asked; their errno is the
/// one that it would have given.
macro_rules! errors {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident {
            $( $(#[$variant_meta:meta])* $Variant:ident = $errno:ident => $text:literal, )+
            $( ; ours: $(#[$our_meta:meta])* $Ours:ident = $our_errno:ident => $our_text:literal, )?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $Name {
            $(
                $(#[$variant_meta])*
                #[doc = concat!("\n\n`", stringify!($errno), "`.")]
                $Variant,
            )+
            $( $(#[$our_meta])* $Ours, )?
            /// An errno that the kernel does not document for the operation; a sandbox's, say.
            Other($crate::linux::Errno),
        }

        impl $Name {
            #[cold]
            pub(in crate::linux) fn new(errno: $crate::linux::Errno) -> Self {
                match errno.raw() {
                    $( libc::$errno => Self::$Variant, )+
                    _ => Self::Other(errno),
                }
            }

            /// The kernel's number of this error.
            #[must_use]
            pub const fn errno(self) -> $crate::linux::Errno {
                match self {
                    $( Self::$Variant => $crate::linux::Errno::from_raw(libc::$errno), )+
                    $( Self::$Ours => $crate::linux::Errno::from_raw(libc::$our_errno), )?
                    Self::Other(errno) => errno,
                }
            }
        }

        impl core::fmt::Display for $Name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self {
                    $( Self::$Variant => f.write_str($text), )+
                    $( Self::$Ours => f.write_str($our_text), )?
                    Self::Other(errno) => core::fmt::Display::fmt(errno, f),
                }
            }
        }

        impl core::error::Error for $Name {}

        impl From<$Name> for $crate::linux::Errno {
            fn from(error: $Name) -> Self {
                error.errno()
            }
        }
    };
}
pub(in super::super) use errors;
