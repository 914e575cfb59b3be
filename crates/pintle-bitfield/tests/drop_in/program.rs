//! A program written for mycelium-bitfield 0.1.5, which names everything that crate has: it builds
//! and passes with either.

#![allow(clippy::clone_on_copy, clippy::op_ref)]

use core::{convert::TryFrom, fmt};

use mycelium_bitfield::{FromBits, bitfield, enum_from_bits, pack};

enum_from_bits! {
    /// Attributes and visibility.
    #[derive(Debug, PartialEq, Eq)]
    pub enum Kind<u8> {
        /// On variants too.
        Low = 0b00,
        /// In the middle.
        High = 0b10,
        /// The greatest.
        Both = 0b11,
    }
}

enum_from_bits! {
    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum Kind16<u16> { A = 0, B = 1 }
}

enum_from_bits! {
    #[derive(Debug, PartialEq, Eq)]
    enum Kind32<u32> { A = 0, B = 1 }
}

/// A type with an implementation by hand.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct Even(u64);

impl FromBits<u64> for Even {
    type Error = &'static str;
    const BITS: u32 = 4;

    fn try_from_bits(bits: u64) -> Result<Self, Self::Error> {
        if bits & 1 == 0 {
            Ok(Self(bits))
        } else {
            Err("odd")
        }
    }

    fn into_bits(self) -> u64 {
        self.0
    }
}

bitfield! {
    /// Attributes and visibility.
    #[derive(PartialEq, Eq, Default)]
    pub struct Word<u64> {
        /// On fields too.
        pub const FLAG: bool;
        pub(crate) const KIND: Kind;
        const EVEN: Even;
        const _RESERVED = 3;
        const BYTE: u8;
        const SIX = 6;
        const REST = ..;
    }
}

/// The functions that are `const` there, in constants; for every word.
macro_rules! family {
    ($test:ident $word:ident $Pack:ident $Packing:ident $Pair:ident) => {
        #[test]
        fn $test() {
            use mycelium_bitfield::{$Pack, $Packing, $Pair};

            const A: $Pack = $Pack::least_significant(2);
            const B: $Pack<$word> = A.next(2);
            const FLAG: $Pack<bool> = B.then::<bool>();
            const REST: $Pack<$word, ()> = FLAG.remaining();
            const FIRST: $Pack<bool> = $Pack::<bool>::first();
            const CONST_RANGE: $Pack = $Pack::from_const_range(0..2);
            const AT: $Pack = $Pack::<$word>::starting_at(1, 2);
            const PAIR: $Pair = A.pair_at(4);
            const PAIR_WITH: $Pair = A.pair_with(B);
            const PAIR_AFTER: $Pair = A.pair_after(A);
            const WORD: $word = $Pack::pack_in(0)
                .pack_truncating(2, &A)
                // What the argument is made of follows from its type.
                .pack_truncating(1, &$Pack::starting_at(1, 1))
                .set_all(&B)
                .unset_all(&FIRST)
                .pack_from_src(0b11_0000, &PAIR)
                .pack_from_dst(0b01, &PAIR)
                .bits();
            const NEW: $Packing = $Packing::new(WORD);
            const CONTAINS: (bool, bool) = (NEW.contains_any(&B), NEW.contains_all(&B));
            const FACTS: (u32, u32, $word, $word, $word) = (
                B.bits(),
                B.least_significant_index(),
                B.max_value(),
                B.first_bit(),
                B.raw_mask(),
            );
            const INDEX: u32 = B.most_significant_index();
            const WORDS: [$word; 4] = [
                B.pack_truncating(1, 0),
                B.set_all(0),
                B.unset_all(!0),
                B.unpack_bits(0b0100),
            ];
            const IN: (bool, bool) = (B.contained_in_any(4), B.contained_in_all(4));
            const COPIED: [$word; 2] = [PAIR.pack_from_src(0, 0b10_0000), PAIR.pack_from_dst(1, 0)];

            assert_eq!(FACTS, (2, 2, 3, 4, 0b1100));
            assert_eq!(INDEX, 4);
            assert_eq!(WORDS, [4, 0b1100, !0b1100, 1]);
            assert_eq!((IN, CONTAINS), ((true, false), (true, true)));
            // Where a pair at 4 lies is another question there: see `docs/migrating.md`.
            let _ = (COPIED, AT, PAIR_AFTER);
            assert_eq!((PAIR.src(), PAIR_WITH.dst()), (&A, &B));
            assert_eq!(REST.least_significant_index(), 5);

            let mut word: $word = 0;
            A.pack_into(3, B.pack_into_truncating(1, &mut word));
            B.unset_all_in(FLAG.set_all_in(&mut word));
            FLAG.pack_into(true, &mut word);
            assert_eq!(word, 0b1_0011);
            assert_eq!((A.pack(1, 0), A.unpack(word)), (1, 3));
            assert_eq!(FLAG.try_unpack(word).ok(), Some(true));
            assert_eq!(FLAG.unpack(0), false);
            assert_eq!(
                $Pack::pack_in(0).pack(true, &FLAG).pack(1, &A).bits(),
                0b1_0001
            );

            assert_eq!($word::from($Packing::from(word)), word);
            let copied = NEW.clone();
            assert!(copied == NEW);

            A.assert_valid();
            PAIR.assert_valid();
            $Pack::<$word>::assert_all_valid(&[("A", A), ("B", B)]);
            let ranges: [$Pack; 2] = [$Pack::from_range(1..3), $Pack::from(1..3)];
            assert_eq!(ranges[0], ranges[1]);
            assert!(&A == A && A == &CONST_RANGE && A.clone() == CONST_RANGE);
            assert!(&PAIR == PAIR && PAIR == &PAIR && PAIR.clone() == PAIR);

            fn shown<T: fmt::Debug + fmt::Binary + fmt::LowerHex + fmt::UpperHex>(
                value: T,
            ) -> bool {
                !format!("{value:?}{value:b}{value:x}{value:X}").is_empty()
            }
            assert!(shown(A) && shown(FLAG) && shown(NEW) && shown(PAIR));

            fn is_auto<T: Send + Sync + Unpin + Copy>(_: T) {}
            is_auto(A);
            is_auto(NEW);
            is_auto(PAIR);
        }
    };
}

family!(of_8 u8 Pack8 Packing8 Pair8);
family!(of_16 u16 Pack16 Packing16 Pair16);
family!(of_32 u32 Pack32 Packing32 Pair32);
family!(of_64 u64 Pack64 Packing64 Pair64);
family!(of_128 u128 Pack128 Packing128 Pair128);
family!(of_usize usize PackUsize PackingUsize PairUsize);

#[test]
fn bitfields() {
    const NEW: Word = Word::new();
    const FROM: u64 = Word::from_bits(0b101).bits();
    const MASK: u64 = Word::KIND.raw_mask();
    const FLAG: pack::Pack64<bool, Word> = Word::FLAG;

    assert_eq!((FROM, MASK), (0b101, 0b110));
    let mut word = NEW
        .with(FLAG, true)
        .with(Word::KIND, Kind::Both)
        .with(Word::EVEN, Even(4))
        .with(Word::BYTE, 0xAB);
    word.set(Word::SIX, 7).set(Word::REST, 1);
    assert!(word.get(Word::FLAG));
    assert_eq!(word.get(Word::KIND), Kind::Both);
    assert_eq!(word.try_get(Word::EVEN), Ok(Even(4)));
    assert_eq!((word.get(Word::BYTE), word.get(Word::SIX)), (0xAB, 7));
    assert_eq!(word.get(Word::REST), 1);
    assert_eq!(Word::from(u64::from(word)), word);
    assert_eq!(Word::default(), Word::new());
    Word::assert_valid();
    // Private, so of use in the module that declares it.
    assert!(Word::FIELDS.iter().any(|(name, _)| *name == "SIX"));

    let text = format!(
        "{word} {word:#} {word:?} {word:b} {word:x} {word:X} {} {}",
        word.display_ascii(),
        word.display_unicode()
    );
    assert!(text.contains("KIND: Both") && !text.contains("RESERVED"));
}

#[test]
fn enums() {
    let read: Result<Kind, &'static str> = Kind::try_from(0b10u8);
    assert_eq!(read, Ok(Kind::High));
    assert_eq!(Kind::try_from(3u64), Ok(Kind::Both));
    assert_eq!(Kind::try_from(0usize), Ok(Kind::Low));
    assert_eq!(Kind::try_from(1u128), Err(Kind::ERROR));
    assert_eq!(Kind16::try_from(1u32), Ok(Kind16::B));
    assert_eq!(Kind32::try_from(0usize), Ok(Kind32::A));
    assert_eq!(Kind::VARIANTS, [Kind::Low, Kind::High, Kind::Both]);
    assert_eq!(
        (Kind::MIN_VARIANT, Kind::MAX_VARIANT),
        (Kind::Low, Kind::Both)
    );
    assert_eq!((Kind::NEEDED_BITS, <Kind as FromBits<u16>>::BITS), (2, 2));
    assert_eq!(
        (Kind::High as u8, FromBits::<u64>::into_bits(Kind::High)),
        (2, 2)
    );
    assert_eq!(Kind16::A as u16, 0);
    assert!(Kind32::B.clone() == Kind32::B);
}

/// Each pair of types there, on a 64-bit target.
#[test]
#[cfg(target_pointer_width = "64")]
fn from_bits() {
    fn is<T: FromBits<B>, B>() {}
    macro_rules! are {
        ($($T:ty: $($Word:ty)+;)+) => { $($(is::<$T, $Word>();)+)+ };
    }
    are! {
        bool: u8 u16 u32 u64 u128 usize;
        u8: u8 u16 u32 u64 u128 usize;
        i8: u8 u16 u32 u64 u128 usize;
        u16: u16 u32 u64 u128 usize;
        i16: u16 u32 u64 u128 usize;
        u32: u32 u64 u128 usize;
        i32: u32 u64 u128 usize;
        u64: u64 u128 usize;
        i64: u64 u128 usize;
        u128: u128;
        usize: u64 u128 usize;
        isize: u64 usize;
    }
}
