//! What can be wrong with a layout, and how it is said.

use super::{Asks, Field, Span, layout};
use crate::message::Message;

/// The first thing that is wrong with a layout.
#[derive(Copy, Clone, Debug)]
pub struct Fault {
    /// Index of the field.
    field: usize,
    kind: Kind,
}

#[derive(Copy, Clone, Debug)]
enum Kind {
    NotTheLast,
    TooFewBitsLeft { asked: u32, left: u32 },
    EndsBeforeItStarts { start: u32, end: u32 },
    EndsAfterTheWord { start: u32, end: u32 },
    NoBits,
    WiderThanItsType,
    Overlaps { earlier: usize },
}

/// Finds the first field of which a word of `bits` bits cannot have what it asks for.
#[must_use]
pub const fn first_fault<const N: usize>(fields: &[Field; N], bits: u32) -> Option<Fault> {
    let spans = layout(fields, bits);
    let mut after = 0;
    let mut i = 0;
    while i < N {
        if let Some(kind) = fault_of(fields, &spans, i, after, bits) {
            return Some(Fault { field: i, kind });
        }
        after = spans[i].end();
        i += 1;
    }
    None
}

/// What is wrong with field `i`, if the field before ends at `after`.
const fn fault_of(
    fields: &[Field],
    spans: &[Span],
    i: usize,
    after: u32,
    bits: u32,
) -> Option<Kind> {
    let (start, end) = fields[i].range(after, bits);
    let explicit = match fields[i].asks {
        Asks::Rest => {
            if i + 1 < fields.len() {
                return Some(Kind::NotTheLast);
            }
            true
        }
        Asks::At { .. } => {
            if end < start {
                return Some(Kind::EndsBeforeItStarts { start, end });
            }
            if end > bits {
                return Some(Kind::EndsAfterTheWord { start, end });
            }
            true
        }
        Asks::OfType(asked) | Asks::Wide(asked) => {
            if end > bits {
                let left = bits - after;
                return Some(Kind::TooFewBitsLeft { asked, left });
            }
            matches!(fields[i].asks, Asks::Wide(_))
        }
    };
    if explicit && start == end {
        return Some(Kind::NoBits);
    }
    if end - start > fields[i].widest {
        return Some(Kind::WiderThanItsType);
    }
    let mut earlier = 0;
    while earlier < i {
        if spans[i].overlaps(spans[earlier]) {
            return Some(Kind::Overlaps { earlier });
        }
        earlier += 1;
    }
    None
}

/// Checks that the `fault` of a layout, if there is one, is not that of `field`.
///
/// Each field has a constant that calls this: the error then points at the field.
///
/// # Panics
///
/// If it is. This is called by constants only, so the panic is an error of the compiler.
#[track_caller]
pub const fn check<const N: usize>(
    bitfield: &str,
    word: &str,
    bits: u32,
    fields: &[Field; N],
    fault: Option<Fault>,
    field: usize,
) {
    let Some(Fault { field: i, kind }) = fault else {
        return;
    };
    if i != field {
        return;
    }
    let spans = layout(fields, bits);
    let message = Message::new()
        .text("bitfield `")
        .text(bitfield)
        .text("`: field `")
        .text(fields[i].name)
        .text("` ");
    let message = match kind {
        Kind::NotTheLast => {
            message.text("takes all bits that are left (`..`), so it must be the last")
        }
        Kind::TooFewBitsLeft { asked, left } => message
            .text("needs ")
            .count(asked, "bit")
            .text(", but the ")
            .text(word)
            .text(" has ")
            .number(left)
            .text(" left"),
        Kind::EndsBeforeItStarts { start, end } => message
            .text("at ")
            .range(start, end)
            .text(" ends before it starts"),
        Kind::EndsAfterTheWord { start, end } => message
            .text("at ")
            .range(start, end)
            .text(" ends after the ")
            .text(word)
            .text(" does"),
        Kind::NoBits => message.text("has no bits"),
        Kind::WiderThanItsType => message.text("is wider than its signed type"),
        Kind::Overlaps { earlier } => message
            .text("at ")
            .range(spans[i].start, spans[i].end())
            .text(" overlaps field `")
            .text(fields[earlier].name)
            .text("` at ")
            .range(spans[earlier].start, spans[earlier].end()),
    };
    message.panic();
}
