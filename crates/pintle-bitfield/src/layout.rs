//! Lays a bitfield's fields out while it is compiled, and says what is wrong with them.

mod fault;
mod place;

pub use fault::{Fault, check, first_fault};
pub use place::Place;

/// Where one field lies: bits `start..start + width`.
#[derive(Copy, Clone, Debug)]
pub struct Span {
    /// Index of the first bit, counted from zero.
    pub start: u32,
    /// How many bits.
    pub width: u32,
}

/// What `bitfield!` knows of one field before it is laid out.
#[derive(Copy, Clone, Debug)]
pub struct Field {
    /// Name of the field.
    pub name: &'static str,
    /// Which bits the declaration asks for.
    pub asks: Asks,
    /// At most how many it may take: the width of its type if that is signed.
    pub widest: u32,
}

/// Which bits a field's declaration asks for.
#[derive(Copy, Clone, Debug)]
pub enum Asks {
    /// `: Type`: as many as its type has, right after the field before.
    OfType(u32),
    /// `= n`: that many, right after the field before.
    Wide(u32),
    /// `= ..`: all after the field before.
    Rest,
    /// `= [start..end]`: exactly these.
    At {
        /// Index of the first bit.
        start: u32,
        /// Index after the last bit.
        end: u32,
    },
}

impl Field {
    /// The bits that are asked for, if the field before ends at `after` and the word at `bits`.
    ///
    /// They may lie outside of the word.
    const fn range(&self, after: u32, bits: u32) -> (u32, u32) {
        match self.asks {
            Asks::OfType(n) | Asks::Wide(n) => (after, after.saturating_add(n)),
            Asks::Rest => (after, bits),
            Asks::At { start, end } => (start, end),
        }
    }

    /// The bits that the field gets: those it asks for, but none that it may not have.
    const fn span(&self, after: u32, bits: u32) -> Span {
        let (start, end) = self.range(after, bits);
        let start = if start > bits { bits } else { start };
        let end = if end > bits { bits } else { end };
        let width = end.saturating_sub(start);
        Span {
            start,
            width: if width > self.widest {
                self.widest
            } else {
                width
            },
        }
    }
}

impl Span {
    const fn end(self) -> u32 {
        self.start + self.width
    }

    const fn overlaps(self, other: Self) -> bool {
        self.width > 0 && other.width > 0 && self.start < other.end() && other.start < self.end()
    }
}

/// Lays `fields` out in a word of `bits` bits.
///
/// What does not fit is cut off: [`check`] alone complains, so that one mistake is one error and not
/// one more in every constant that uses the layout.
#[must_use]
pub const fn layout<const N: usize>(fields: &[Field; N], bits: u32) -> [Span; N] {
    let mut spans = [Span { start: 0, width: 0 }; N];
    let mut after = 0;
    let mut i = 0;
    while i < N {
        spans[i] = fields[i].span(after, bits);
        after = spans[i].end();
        i += 1;
    }
    spans
}
