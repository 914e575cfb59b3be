//! What a field costs: each function twice, by field and by hand.
//!
//! Compiled for a server and for a microcontroller, both of a pair have to be the same instructions.
//! `crates/pintle-bitfield/tests/codegen` compares them: `cargo xtask codegen`.
#![no_std]

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use pintle_bitfield::{
    AtomicBits, Pack32, Pack64, PackUsize, Pair32, Transition, bitfield, enum_from_bits,
};

enum_from_bits! {
    /// Every bit pattern of its two bits is a variant.
    #[derive(Debug, PartialEq, Eq)]
    pub enum Phase<u8> {
        /// 0.
        Idle = 0,
        /// 1.
        Running = 1,
        /// 2.
        Woken = 2,
        /// 3.
        Done = 3,
    }
}

enum_from_bits! {
    /// Three is no value of it.
    #[derive(Debug, PartialEq, Eq)]
    pub enum Level<u8> {
        /// 0.
        Low = 0,
        /// 1.
        Middle = 1,
        /// 2.
        High = 2,
    }
}

bitfield! {
    /// A word of 32 bits.
    #[derive(PartialEq, Eq)]
    pub struct Link<u32> {
        /// Bit 0.
        pub const UP: bool;
        /// Bits 1 and 2.
        pub const PHASE: Phase;
        /// Bits 3 … 8.
        pub const OFFSET: i8 = 6;
        /// Bits 9 and 10.
        pub const LEVEL: Level;
        /// Bit 11.
        pub const DUPLEX: bool;
        /// Bits 12 … 19.
        pub const LANES: u8;
        /// Bits 20 … 31.
        pub const ERRORS = ..;
    }
}

bitfield! {
    /// A word of 64 bits, one of whose fields lies across its middle.
    pub struct Entry<u64> {
        /// Bit 0.
        pub const PRESENT: bool;
        /// Bits 1 … 11.
        pub const FLAGS = 11;
        /// Bits 12 … 51.
        pub const FRAME = 40;
        /// Bits 52 … 59.
        pub const KEY: u8;
        /// Bits 60 … 63.
        pub const IGNORED = ..;
    }
}

bitfield! {
    /// One field, as wide as its word.
    pub struct Whole<u64> {
        /// All bits.
        pub const ALL = ..;
    }
}

bitfield! {
    /// A register of a data sheet: fields at their places, with accessors.
    pub struct Control<u32> {
        /// Bit 31.
        pub const ENABLED: bool = [31] => is_enabled, with_enabled, set_enabled;
        /// Bits 16 … 23.
        pub const PRESCALER: u8 = [16..24] => prescaler, with_prescaler, set_prescaler;
        /// Bits 4 and 5.
        pub const PHASE: Phase = [4..=5] => phase, with_phase;
        /// Bits 6 … 9.
        pub const TRIM: i8 = 4 => trim, with_trim;
    }
}

bitfield! {
    /// A state word.
    pub struct State<usize> {
        /// Bit 0.
        pub const RUNNING: bool;
        /// Bit 1.
        pub const WOKEN: bool;
        /// The rest.
        pub const REFS = ..;
    }
}

/// Bits 4 … 11, and the same number of them from bit 16 on.
const COPY: Pair32 = Pack32::from_const_range(4..12).pair_at(16);
const PORT: Pack64 = Pack64::least_significant(16);
const NODE: Pack64 = PORT.next(10);
const LOW: PackUsize = PackUsize::least_significant(5);

/// `name(arguments) -> result { by field } { by hand }`: two functions, `field.name` and `hand.name`.
macro_rules! pairs {
    ($($name:ident($($arg:ident: $Arg:ty),*) -> $Output:ty $field:block $hand:block)+) => {
        /// By field.
        pub mod field {
            use super::*;
            $(
                /// By field.
                #[unsafe(export_name = concat!("field.", stringify!($name)))]
                pub extern "C" fn $name($($arg: $Arg),*) -> $Output $field
            )+
        }

        /// By hand.
        pub mod hand {
            use super::*;
            $(
                /// By hand.
                #[unsafe(export_name = concat!("hand.", stringify!($name)))]
                pub extern "C" fn $name($($arg: $Arg),*) -> $Output $hand
            )+
        }
    };
}

// What a check by hand does when it fails, and as far out of the way as the library's own.

#[cold]
#[inline(never)]
#[track_caller]
fn too_wide(bits: u32, width: u32) -> ! {
    panic!("{bits:#x} has more than {width} bits");
}

#[cold]
#[inline(never)]
#[track_caller]
fn no_level(bits: u32, expected: &str) -> ! {
    panic!("{bits:#x} is no level; {expected}");
}

pairs! {
    // --- reading ---

    get_bool(word: u32) -> bool
        { Link::from_bits(word).get(Link::UP) }
        { word & 1 != 0 }

    get_bool_in_the_middle(word: u32) -> bool
        { Link::from_bits(word).get(Link::DUPLEX) }
        { word & 1 << 11 != 0 }

    get_enum(word: u32) -> u8
        { Link::from_bits(word).get(Link::PHASE) as u8 }
        { (word >> 1 & 0b11) as u8 }

    get_signed(word: u32) -> i8
        { Link::from_bits(word).get(Link::OFFSET) }
        { ((word << 23) as i32 >> 26) as i8 }

    get_narrower(word: u32) -> u8
        { Link::from_bits(word).get(Link::LANES) }
        { (word >> 12) as u8 }

    get_top(word: u32) -> u32
        { Link::from_bits(word).get(Link::ERRORS) }
        { word >> 20 }

    get_across_the_middle(word: u64) -> u64
        { Entry::from_bits(word).get(Entry::FRAME) }
        { word >> 12 & 0xFF_FFFF_FFFF }

    get_low(word: u64) -> u64
        { Entry::from_bits(word).get(Entry::FLAGS) }
        { word >> 1 & 0x7FF }

    get_narrower_of_64(word: u64) -> u8
        { Entry::from_bits(word).get(Entry::KEY) }
        { (word >> 52) as u8 }

    get_whole(word: u64) -> u64
        { Whole::from_bits(word).get(Whole::ALL) }
        { word }

    get_refs(word: usize) -> usize
        { State::from_bits(word).get(State::REFS) }
        { word >> 2 }

    // --- writing ---

    set_bool(word: u32, up: bool) -> u32
        { Link::from_bits(word).with(Link::UP, up).bits() }
        { word & !1 | up as u32 }

    set_bool_to_true(word: u32) -> u32
        { Link::from_bits(word).with(Link::DUPLEX, true).bits() }
        { word | 1 << 11 }

    set_bool_in_place(word: &mut usize, woken: bool) -> ()
        {
            let mut state = State::from_bits(*word);
            state.set(State::WOKEN, woken);
            *word = state.bits();
        }
        { *word = *word & !0b10 | (woken as usize) << 1 }

    toggle(word: u64) -> u64
        {
            let entry = Entry::from_bits(word);
            entry.with(Entry::PRESENT, !entry.get(Entry::PRESENT)).bits()
        }
        { word ^ 1 }

    with_enum(word: u32, phase: Phase) -> u32
        { Link::from_bits(word).with(Link::PHASE, phase).bits() }
        { word & !0b110 | (phase as u32) << 1 }

    with_narrower(word: u32, lanes: u8) -> u32
        { Link::from_bits(word).with(Link::LANES, lanes).bits() }
        { word & !0xF_F000 | (lanes as u32) << 12 }

    with_narrower_in_64(word: u64, key: u8) -> u64
        { Entry::from_bits(word).with(Entry::KEY, key).bits() }
        { word & !(0xFF << 52) | (key as u64) << 52 }

    with_whole(_word: u64, value: u64) -> u64
        { Whole::from_bits(_word).with(Whole::ALL, value).bits() }
        { value }

    build(up: bool, phase: Phase, lanes: u8) -> u32
        { Link::new().with(Link::UP, up).with(Link::PHASE, phase).with(Link::LANES, lanes).bits() }
        { up as u32 | (phase as u32) << 1 | (lanes as u32) << 12 }

    one_reference_more(word: usize) -> usize
        { word.wrapping_add(State::REFS.first_bit()) }
        { word.wrapping_add(0b100) }

    // --- accessors ---

    accessor_of_a_bool(word: u32) -> bool
        { Control::from_bits(word).is_enabled() }
        { word >> 31 != 0 }

    accessor_of_an_enum(word: u32) -> u8
        { Control::from_bits(word).phase() as u8 }
        { (word >> 4 & 0b11) as u8 }

    accessor_of_a_signed(word: u32) -> i8
        { Control::from_bits(word).trim() }
        { ((word << 22) as i32 >> 28) as i8 }

    accessor_with_bool(word: u32, enabled: bool) -> u32
        { Control::from_bits(word).with_enabled(enabled).bits() }
        { word & !(1 << 31) | (enabled as u32) << 31 }

    accessor_with_enum(word: u32, phase: Phase) -> u32
        { Control::from_bits(word).with_phase(phase).bits() }
        { word & !(0b11 << 4) | (phase as u32) << 4 }

    accessor_in_place(word: &mut u32, prescaler: u8) -> ()
        {
            let mut control = Control::from_bits(*word);
            control.set_prescaler(prescaler);
            *word = control.bits();
        }
        { *word = *word & !(0xFF << 16) | (prescaler as u32) << 16 }

    accessors_in_a_constant() -> u32
        {
            const START: Control = Control::new().with_enabled(true).with_prescaler(79).with_trim(-1);
            START.bits()
        }
        { 1 << 31 | 79 << 16 | 0xF << 6 }

    // --- constants and specs alone ---

    constant() -> u64
        {
            const ADDRESS: u64 = Pack64::pack_in(0)
                .pack_truncating(8080, &PORT)
                .pack_truncating(3, &NODE)
                .bits();
            ADDRESS
        }
        { 8080 | 3 << 16 }

    any_of(word: u32) -> bool
        { Link::ERRORS.contained_in_any(word) }
        { word >> 20 != 0 }

    all_of(word: usize) -> bool
        { LOW.contained_in_all(word) }
        { word & 31 == 31 }

    truncate(word: u64, value: u64) -> u64
        { NODE.pack_truncating(value, word) }
        { word & !(0x3FF << 16) | (value & 0x3FF) << 16 }

    copy(from: u32, to: u32) -> u32
        { COPY.pack_from_dst(from, to) }
        { to & !(0xFF << 16) | (from >> 4 & 0xFF) << 16 }

    // --- with the check that a narrow field needs ---

    with_checked(word: u32, errors: u32) -> u32
        { Link::from_bits(word).with(Link::ERRORS, errors).bits() }
        {
            if errors <= 0xFFF {
                word & 0xF_FFFF | errors << 20
            } else {
                too_wide(errors, 12)
            }
        }

    get_checked(word: u32) -> u8
        { Link::from_bits(word).get(Link::LEVEL) as u8 }
        {
            let level = word >> 9 & 0b11;
            if level == 3 {
                no_level(level, "expected one of: Low = 0, Middle = 1, High = 2");
            }
            level as u8
        }

    // --- atomic words ---

    load_and_get(word: &AtomicBits<Link>) -> u32
        { word.load(Acquire).get(Link::ERRORS) }
        { word.as_atomic().load(Acquire) >> 20 }

    store_one(word: &AtomicBits<Link>, lanes: u8) -> ()
        { word.store(Link::new().with(Link::LANES, lanes), Release) }
        { word.as_atomic().store((lanes as u32) << 12, Release) }

    was_woken(state: &AtomicBits<State>) -> bool
        { state.fetch_set_all(State::WOKEN, AcqRel).get(State::WOKEN) }
        { state.as_atomic().fetch_or(0b10, AcqRel) & 0b10 != 0 }

    drop_reference(state: &AtomicBits<State>) -> bool
        { state.fetch_sub(State::REFS.first_bit(), Release).get(State::REFS) == 1 }
        { state.as_atomic().fetch_sub(0b100, Release) >> 2 == 1 }

    start(state: &AtomicBits<State>) -> bool
        {
            state.transition(AcqRel, Relaxed, |seen| {
                if seen.get(State::RUNNING) {
                    return Transition::Stay(false);
                }
                let next = seen.with(State::RUNNING, true).with(State::WOKEN, false);
                Transition::To(next, true)
            })
        }
        {
            let state = state.as_atomic();
            let mut seen = state.load(Relaxed);
            loop {
                if seen & 1 != 0 {
                    break false;
                }
                let next = seen & !0b10 | 1;
                match state.compare_exchange_weak(seen, next, AcqRel, Relaxed) {
                    Ok(_) => break true,
                    Err(now) => seen = now,
                }
            }
        }
}
