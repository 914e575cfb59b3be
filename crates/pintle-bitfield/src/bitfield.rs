//! The [`bitfield!`](crate::bitfield) macro.

mod atomic;
mod expand;
mod field;
mod panics;

pub use panics::{does_not_fit_into, holds_no_value};

/// Declares a word that is made of fields.
///
/// ```
/// use pintle_bitfield::{bitfield, enum_from_bits};
///
/// enum_from_bits! {
///     /// What a link is doing.
///     #[derive(Debug, PartialEq, Eq)]
///     pub enum Phase<u8> {
///         Down = 0,
///         Training = 1,
///         Up = 2,
///     }
/// }
///
/// bitfield! {
///     /// The state of a link.
///     #[derive(PartialEq, Eq)]
///     pub struct Link<u32> {
///         /// Somebody waits for a change. (`bool` takes one bit.)
///         pub const WAITED_FOR: bool;
///         /// An enum takes as many bits as its greatest variant needs.
///         pub const PHASE: Phase;
///         /// Reserved: skipped by `Debug` and `Display`, for its name starts with `_`.
///         const _RESERVED = 1;
///         /// Twelve bits, as a `u32`.
///         pub const LANES = 12;
///         /// All bits that are left.
///         pub const ERRORS = ..;
///     }
/// }
///
/// const INITIAL: Link = Link::new();
///
/// let mut link = INITIAL.with(Link::PHASE, Phase::Training).with(Link::LANES, 16);
/// link.set(Link::WAITED_FOR, true);
/// assert_eq!(link.get(Link::PHASE), Phase::Training);
/// assert_eq!(link.bits(), 16 << 4 | 1 << 1 | 1);
/// assert_eq!(Link::ERRORS.raw_mask(), 0xFFFF_0000);
///
/// // Three is no phase:
/// assert!(Link::from_bits(0b110).try_get(Link::PHASE).is_err());
/// ```
///
/// # Grammar
///
/// A struct named `Name<uN>`, where `uN` is the word: `u8`, `u16`, `u32`, `u64`, `u128` or `usize`.
/// In it, one constant per field:
///
/// | declaration | bits | holds |
/// |---|---|---|
/// | `const A: Type;` | the next [`Type::BITS`](crate::FromBits::BITS) | `Type`, which implements [`FromBits<uN>`](crate::FromBits) |
/// | `const A = 5;` | the next 5 | `uN` |
/// | `const A: Type = 5;` | the next 5 | `Type`; the values that fit, a signed one with its sign |
/// | `const A = ..;` | all that follow (last field only) | `uN` |
/// | `const A: Type = ..;` | all that follow (last field only) | `Type` |
/// | `const A = [24..32];` | exactly these | `uN` |
/// | `const A: Type = [24..32];` | exactly these | `Type` |
/// | `const A: bool = [31];` | this one | `bool`, or any other `Type` |
///
/// Each of them may name [accessors](#accessors): `const A: Type => a, with_a, set_a;`.
///
/// "The next" are those after the field that is declared before, at first those from the **least**
/// significant bit on. So fields without brackets lie one after the other, without gaps, and go on
/// after a field with brackets where that ends.
///
/// Brackets hold any range of bits, or the index of one, counted from **zero** as in [`pack`
/// ](crate::pack#how-ranges-are-counted): `[4..=5]`, `[24..]` (to the end of the word), `[BASE + 1]`.
/// They may come in any order, as the registers of a data sheet do. Indices and widths are `u32`s.
///
/// ```
/// pintle_bitfield::bitfield! {
///     /// The control register of a timer.
///     pub struct Control<u32> {
///         /// Counts.
///         pub const ENABLED: bool = [31];
///         /// What the clock is divided by, less one.
///         pub const PRESCALER = [16..=23];
///         /// Interrupts at the end.
///         pub const INTERRUPTS: bool = [1];
///         /// Starts anew at the end: bit 2.
///         pub const PERIODIC: bool;
///     }
/// }
///
/// let control = Control::new().with(Control::PRESCALER, 79).with(Control::PERIODIC, true);
/// assert_eq!(control.bits(), 79 << 16 | 1 << 2);
/// ```
///
/// Instead of a number a width may be a constant expression in braces, as `const A = { usize::BITS /
/// 2 };`. Fields and the struct may have attributes and their own visibility; but no field can be
/// configured out, which would move those after it: `#[cfg]` belongs on one of two structs. Bits that
/// no field claims keep what [`from_bits`](#what-it-makes) put there, and are not shown.
///
/// A field that does not fit, or that lies where another one does, is rejected by the compiler, which
/// names it and the other one:
///
/// ```compile_fail
/// pintle_bitfield::bitfield! {
///     struct TooMuch<u8> {
///         const LOW = 6;
///         const HIGH = 3; // error: bitfield `TooMuch`: field `HIGH` needs 3 bits, but the u8 has 2 left
///     }
/// }
/// ```
///
/// ```compile_fail
/// pintle_bitfield::bitfield! {
///     struct Overlap<u32> {
///         const MODE = [0..5];
///         const KIND = [4..8]; // error: bitfield `Overlap`: field `KIND` at 4..8 overlaps field `MODE` at 0..5
///     }
/// }
/// ```
///
/// # Accessors
///
/// `get`, `with` and `set` take the field as an argument, and are not `const`, because they work for
/// every [`FromBits`](crate::FromBits). What needs constants names functions for the field:
///
/// | declaration | functions |
/// |---|---|
/// | `const A: Type => a;` | `const fn a(self) -> Type` |
/// | `const A: Type => a, with_a;` | and `const fn with_a(self, value: Type) -> Self` |
/// | `const A: Type => a, with_a, set_a;` | and `const fn set_a(&mut self, value: Type) -> &mut Self` |
///
/// They have the field's visibility and attributes, its documentation too, and do what `get`, `with`
/// and `set` do. If they panic, they name the field; in a constant, that is an error of the compiler.
/// The type must implement [`ConstFromBits`](crate::ConstFromBits): integers, `bool` and enums of
/// `enum_from_bits!` do, others may.
///
/// ```
/// use pintle_bitfield::{bitfield, enum_from_bits};
///
/// enum_from_bits! {
///     #[derive(Debug, PartialEq, Eq)]
///     pub enum Mode<u8> { Input = 0, Output = 1, Analog = 3 }
/// }
///
/// bitfield! {
///     pub struct Pin<u32> {
///         /// What it is for.
///         pub const MODE: Mode => mode, with_mode, set_mode;
///         /// How strongly it drives.
///         pub const STRENGTH = 3 => strength, with_strength;
///         /// What it sees, which nobody can set.
///         pub const LEVEL: bool = [31] => level;
///     }
/// }
///
/// const LED: Pin = Pin::new().with_mode(Mode::Output).with_strength(7);
/// const LED_MODE: Mode = LED.mode();
/// assert_eq!((LED.bits(), LED_MODE), (7 << 2 | 1, Mode::Output));
/// ```
///
/// # What it makes
///
/// `#[repr(transparent)] struct Name(uN)`, `Copy`; other traits are derived by attribute. With the
/// struct's visibility:
///
/// - `Name::FIELD: PackN<Type, Name>` per field: its [packing spec](crate::pack). That gives the
///   constants a state machine needs: `Name::FIELD.raw_mask()`, `first_bit()`, `max_value()`,
///   `contained_in_any(bits)`.
/// - `const fn new() -> Self` (all zero), `const fn from_bits(uN) -> Self`, `const fn bits(self) -> uN`.
/// - `fn get(self, field) -> T`, which panics if the field's bits are no value of `T`, and `fn
///   try_get(self, field) -> Result<T, T::Error>`.
/// - `fn with(self, field, value: T) -> Self` and `fn set(&mut self, field, value: T) -> &mut Self`,
///   which panic if the value does not fit, and `try_with` and `try_set`, which return
///   [`DoesNotFit`](crate::DoesNotFit). Types of which all values fit never panic.
/// - The [accessors](#accessors) that the fields name, with the visibility of the field.
/// - With the crate's feature `atomic`, where the word is `u8`, `u16`, `u32` or `usize`: `const fn
///   into_atomic(self) -> AtomicBits<Self>`.
/// - `fn assert_valid()`, which checks that the fields do not overlap, for tests.
/// - `fn display_ascii(&self)`, `fn display_unicode(&self)`, `fn display_set_bits(&self)`, each an `impl
///   Display`.
/// - `Debug` (like a struct), `Display` (a table: in ASCII, with `{:#}` in box drawing), `Binary`,
///   `LowerHex`, `UpperHex`, `From<uN>`, `From<Name> for uN` and [`Bitfield`](crate::Bitfield).
///
/// A field whose bits are no value of its type is *shown*, not a reason to panic. All types of fields
/// must implement `Debug`. `Debug` follows the declaration, the tables follow the bits.
///
/// ```
/// # pintle_bitfield::bitfield! {
/// #     pub struct Link<u16> {
/// #         pub const WAITED_FOR: bool;
/// #         pub const PHASE = 2;
/// #         const _RESERVED = 1;
/// #         pub const LANES: u8;
/// #     }
/// # }
/// let link = Link::new().with(Link::LANES, 16).with(Link::PHASE, 2);
/// assert_eq!(format!("{link:?}"), "Link { WAITED_FOR: false, PHASE: 2, LANES: 16 }");
/// assert_eq!(format!("{link:x}"), "Link(104)");
/// assert_eq!(link.display_set_bits().to_string(), "PHASE=2 | LANES=16");
/// assert_eq!(link.to_string(), "\
/// 0000000100000100
/// ...............0 WAITED_FOR: false
/// .............10. PHASE: 2
/// ....00010000.... LANES: 16");
/// assert_eq!(format!("{link:#}"), "\
/// 0000000100000100
///     └──┬───┘ ├┘│
///        │     │ └ WAITED_FOR: false (0)
///        │     └── PHASE: 2 (10)
///        └──────── LANES: 16 (00010000)");
/// ```
#[macro_export]
macro_rules! bitfield {
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<u8> { $($fields:tt)+ }) => {
        $crate::__bitfield! { u8 Pack8 [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<u16> { $($fields:tt)+ }) => {
        $crate::__bitfield! { u16 Pack16 [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<u32> { $($fields:tt)+ }) => {
        $crate::__bitfield! { u32 Pack32 [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<u64> { $($fields:tt)+ }) => {
        $crate::__bitfield! { u64 Pack64 [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<u128> { $($fields:tt)+ }) => {
        $crate::__bitfield! { u128 Pack128 [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<usize> { $($fields:tt)+ }) => {
        $crate::__bitfield! { usize PackUsize [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
}
