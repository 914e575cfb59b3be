//! Fields of a state word.

use std::hint::black_box;

use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[Op {
    name: "bitfield_update",
    what: "Read a flag and a counter of a 64-bit word, set the flag, an enum and the counter plus one.",
    contenders: &[
        Contender::new("pintle", pintle::update),
        Contender::new("mycelium-bitfield", mycelium::update),
        Contender::new("modular-bitfield", modular::update),
        Contender::new("bitfield-struct", attribute::update),
        Contender::new("bilge", bilge::update),
        Contender::new("by hand", by_hand),
    ],
}];

/// The same program for the two crates, which have the same macros.
macro_rules! contender {
    ($name:ident: $krate:ident) => {
        mod $name {
            use super::*;
            use ::$krate::{bitfield, enum_from_bits};

            enum_from_bits! {
                #[derive(Debug)]
                enum Phase<u8> {
                    Idle = 0,
                    Running = 1,
                    Woken = 2,
                    Done = 3,
                }
            }

            bitfield! {
                struct State<u64> {
                    const FLAG: bool;
                    const PHASE: Phase;
                    const _PAD = 13;
                    const COUNT: u32;
                }
            }

            pub(super) fn update(n: usize) {
                let mut word = 0;
                for i in 0..n {
                    let state = State::from_bits(black_box(word));
                    let phase = match i % 4 {
                        0 => Phase::Idle,
                        1 => Phase::Running,
                        2 => Phase::Woken,
                        _ => Phase::Done,
                    };
                    word = state
                        .with(State::FLAG, !state.get(State::FLAG))
                        .with(State::PHASE, phase)
                        .with(State::COUNT, state.get(State::COUNT).wrapping_add(1))
                        .bits();
                }
                black_box(word);
            }
        }
    };
}

contender!(pintle: pintle_bitfield);
contender!(mycelium: mycelium_bitfield);

#[allow(dead_code, unreachable_pub, reason = "what the attribute makes")]
mod modular {
    use super::*;
    use modular_bitfield::prelude::*;

    #[derive(Specifier)]
    #[bits = 2]
    enum Phase {
        Idle = 0,
        Running = 1,
        Woken = 2,
        Done = 3,
    }

    #[bitfield(bits = 64)]
    #[repr(u64)]
    struct State {
        flag: bool,
        phase: Phase,
        #[skip]
        __: B13,
        count: u32,
        #[skip]
        __: B16,
    }

    pub(super) fn update(n: usize) {
        let mut word = 0;
        for i in 0..n {
            let state = State::from(black_box(word));
            let phase = match i % 4 {
                0 => Phase::Idle,
                1 => Phase::Running,
                2 => Phase::Woken,
                _ => Phase::Done,
            };
            let (flag, count) = (!state.flag(), state.count().wrapping_add(1));
            word = state
                .with_flag(flag)
                .with_phase(phase)
                .with_count(count)
                .into();
        }
        black_box(word);
    }
}

#[allow(dead_code, unreachable_pub, reason = "what the attribute makes")]
mod attribute {
    use super::*;
    use bitfield_struct::bitfield;

    #[derive(Debug)]
    enum Phase {
        Idle = 0,
        Running = 1,
        Woken = 2,
        Done = 3,
    }

    impl Phase {
        const fn into_bits(self) -> u8 {
            self as u8
        }

        const fn from_bits(bits: u8) -> Self {
            match bits {
                0 => Self::Idle,
                1 => Self::Running,
                2 => Self::Woken,
                _ => Self::Done,
            }
        }
    }

    #[bitfield(u64)]
    struct State {
        flag: bool,
        #[bits(2)]
        phase: Phase,
        #[bits(13)]
        __: u16,
        count: u32,
        #[bits(16)]
        __: u16,
    }

    pub(super) fn update(n: usize) {
        let mut word = 0;
        for i in 0..n {
            let state = State::from_bits(black_box(word));
            let phase = match i % 4 {
                0 => Phase::Idle,
                1 => Phase::Running,
                2 => Phase::Woken,
                _ => Phase::Done,
            };
            word = state
                .with_flag(!state.flag())
                .with_phase(phase)
                .with_count(state.count().wrapping_add(1))
                .into_bits();
        }
        black_box(word);
    }
}

#[allow(dead_code, unreachable_pub, reason = "what the attribute makes")]
mod bilge {
    use super::*;
    use ::bilge::prelude::*;

    #[bitsize(2)]
    #[derive(FromBits)]
    enum Phase {
        Idle = 0,
        Running = 1,
        Woken = 2,
        Done = 3,
    }

    #[bitsize(64)]
    #[derive(FromBits)]
    struct State {
        flag: bool,
        phase: Phase,
        reserved: u13,
        count: u32,
        reserved: u16,
    }

    pub(super) fn update(n: usize) {
        let mut word = 0;
        for i in 0..n {
            let mut state = State::from(black_box(word));
            let phase = match i % 4 {
                0 => Phase::Idle,
                1 => Phase::Running,
                2 => Phase::Woken,
                _ => Phase::Done,
            };
            state.set_flag(!state.flag());
            state.set_phase(phase);
            state.set_count(state.count().wrapping_add(1));
            word = state.value;
        }
        black_box(word);
    }
}

fn by_hand(n: usize) {
    let mut word = 0u64;
    for i in 0..n {
        let state = black_box(word);
        let flag = state & 1 ^ 1;
        let phase = (i as u64 % 4) << 1;
        let count = u64::from(((state >> 16) as u32).wrapping_add(1)) << 16;
        word = state & !(0xFFFF_FFFF << 16 | 0b111) | count | phase | flag;
    }
    black_box(word);
}
