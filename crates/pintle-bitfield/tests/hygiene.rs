//! The macros where the names they would use mean something else, and where all warnings are errors.
#![deny(warnings, missing_docs, unused, unreachable_pub)]

/// Whom a deprecation is to warn is who uses what is deprecated: the declaration is no use.
#[deny(deprecated)]
mod deprecated {
    use pintle_bitfield::{bitfield, enum_from_bits};

    enum_from_bits! {
        /// An enum.
        #[derive(Debug)]
        pub enum Kind<u8> {
            /// Zero.
            Old = 0,
            /// One.
            #[deprecated]
            Older = 1,
        }
    }

    enum_from_bits! {
        /// An enum.
        #[derive(Debug)]
        #[deprecated]
        pub enum Gone<u128> {
            /// Zero.
            Zero = 0,
        }
    }

    bitfield! {
        /// A word.
        pub struct Word<u32> {
            /// A field.
            pub const KIND: Kind => kind, with_kind, set_kind;
            /// Another one.
            #[deprecated = "there is `KIND`"]
            pub const MODE: bool => mode, with_mode, set_mode;
        }
    }

    bitfield! {
        /// Another one.
        #[deprecated]
        pub struct Old<u32> {
            /// A field.
            pub const FLAG: bool => flag, with_flag, set_flag;
        }
    }
}

/// Without the prelude, and where its names are somebody else's.
mod shadowed {
    #![no_implicit_prelude]
    #![allow(dead_code, unused_macros)]

    use ::pintle_bitfield::{bitfield, enum_from_bits};

    mod core {}
    mod std {}
    mod pintle_bitfield {}
    struct Option;
    struct Result;
    struct Some;
    struct Ok;
    struct Err;
    trait Copy {}
    trait Clone {}
    trait From {}
    trait TryFrom {}
    trait FnOnce {}

    macro_rules! stringify {
        () => {};
    }
    macro_rules! concat {
        () => {};
    }

    enum_from_bits! {
        #[derive(::core::fmt::Debug)]
        pub(super) enum Kind<u8> { Zero = 0, One = 1 }
    }

    enum_from_bits! {
        #[derive(::core::fmt::Debug)]
        pub(super) enum Wide<u128> { Zero = 0, One = 1 }
    }

    bitfield! {
        pub(super) struct Word<usize> {
            pub(super) const FLAG: bool => flag, with_flag, set_flag;
            pub(super) const KIND: Kind => kind;
            pub(super) const PLACED = [8..12];
            pub(super) const REST = ..;
        }
    }
}

/// Fields and variants may have any name, and the struct's own too.
mod named {
    #![allow(non_upper_case_globals, clippy::enum_variant_names)]

    use pintle_bitfield::{bitfield, enum_from_bits};

    enum_from_bits! {
        #[derive(Debug)]
        pub(super) enum Kind<u8> { ERROR = 0, BITS = 1, Kind = 2, Error = 3 }
    }

    bitfield! {
        pub(super) struct Word<u64> {
            pub(super) const BITS: bool;
            pub(super) const MAX: bool;
            pub(super) const Bits: bool;
            pub(super) const Word: bool;
            pub(super) const Some: bool;
            pub(super) const Option: bool;
            pub(super) const KIND: Kind;
            pub(super) const u64: bool;
        }
    }
}

#[test]
fn shadowed_names_change_nothing() {
    use shadowed::{Kind, Wide, Word};

    let mut word = Word::new().with_flag(true).with(Word::KIND, Kind::One);
    word.set_flag(false).set(Word::PLACED, 5);
    assert_eq!(word.bits(), 0b10 | 5 << 8);
    assert_eq!(
        format!("{word:?}"),
        "Word { FLAG: false, KIND: One, PLACED: 5, REST: 0 }"
    );
    assert!(matches!(word.kind(), Kind::One));
    assert!(matches!(Wide::try_from(1u128), Ok(Wide::One)));
    assert_eq!(
        Kind::try_from(2u8).err(),
        Some("invalid value for Kind: expected one of [0, 1]")
    );
}

#[test]
fn names_of_fields_change_nothing() {
    use named::{Kind, Word};

    let word = Word::from_bits(1 << 1 | 2 << 6);
    assert!(word.get(Word::MAX) && !word.get(Word::BITS));
    assert!(matches!(word.get(Word::KIND), Kind::Kind));
    assert_eq!(word.display_set_bits().to_string(), "MAX | KIND=Kind");
}
