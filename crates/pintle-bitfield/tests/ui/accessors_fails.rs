use core::convert::Infallible;

use pintle_bitfield::{FromBits, bitfield};

#[derive(Debug)]
struct ByHand(u8);

impl FromBits<u32> for ByHand {
    type Error = Infallible;
    const BITS: u32 = 8;

    fn try_from_bits(bits: u32) -> Result<Self, Infallible> {
        Ok(Self(bits as u8))
    }

    fn into_bits(self) -> u32 {
        self.0.into()
    }
}

bitfield! {
    struct HoldsOneByHand<u32> {
        const BY_HAND: ByHand => by_hand;
    }
}

fn main() {}
