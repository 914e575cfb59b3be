//! Fields of a state word.

use std::hint::black_box;

use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[Op {
    name: "bitfield_update",
    what: "Read a flag and a counter of a 64-bit word, set the flag, an enum and the counter plus one.",
    contenders: &[
        Contender::new("pintle", pintle::update),
        Contender::new("mycelium-bitfield", mycelium::update),
        Contender::new("by hand", by_hand),
    ],
}];

/// The same program for both crates, which have the same macros.
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
