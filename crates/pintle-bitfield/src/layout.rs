//! Lays a bitfield's fields out, one after the other, while it is compiled.

/// Where one field lies: bits `start..start + width`.
#[derive(Copy, Clone, Debug)]
pub struct Span {
    /// Index of the first bit, counted from zero.
    pub start: u32,
    /// How many bits.
    pub width: u32,
}

/// What `bitfield!` knows of one field before it is laid out.
///
/// A constant's panic can only show text that is ready before: so each field brings its messages.
#[derive(Copy, Clone, Debug)]
pub struct Field {
    /// How many bits the declaration asks for, or [`Field::REST`].
    pub width: u32,
    /// At most how many it may take: the width of its type if that is signed.
    pub widest: u32,
    /// Whether the declaration says the width (and not the type), so that zero is a mistake.
    pub explicit: bool,
    /// Shown if the word has too few bits left.
    pub does_not_fit: &'static str,
    /// Shown if the declaration says that the field has no bits, or `..` finds none.
    pub has_no_bits: &'static str,
    /// Shown if the field is wider than its type allows.
    pub is_wider_than_its_type: &'static str,
    /// Shown if `..` is followed by another field.
    pub is_not_the_last: &'static str,
}

impl Field {
    /// The width of a field declared as `..`: whatever is left.
    pub const REST: u32 = u32::MAX;
}

/// Lays `fields` out in a word of `bits` bits, from the least significant one on.
///
/// What does not fit is cut off: [`check`] alone complains, so that one mistake is one error and not
/// one more in every constant that uses the layout.
#[must_use]
pub const fn layout<const N: usize>(fields: &[Field; N], bits: u32) -> [Span; N] {
    let mut spans = [Span { start: 0, width: 0 }; N];
    let mut start = 0;
    let mut i = 0;
    while i < N {
        let mut width = fields[i].width;
        if width > bits - start {
            width = bits - start;
        }
        if width > fields[i].widest {
            width = fields[i].widest;
        }
        spans[i] = Span { start, width };
        start += width;
        i += 1;
    }
    spans
}

/// Checks that `fields` can be laid out in a word of `bits` bits.
///
/// # Panics
///
/// With the field's message if one cannot. It is called by constants only, so the panic is an error
/// of the compiler.
#[track_caller]
pub const fn check(fields: &[Field], bits: u32) {
    let mut left = bits;
    let mut i = 0;
    while i < fields.len() {
        let field = &fields[i];
        let width = if field.width == Field::REST {
            if i + 1 < fields.len() {
                panic!("{}", field.is_not_the_last);
            }
            left
        } else {
            field.width
        };
        if width > left {
            panic!("{}", field.does_not_fit);
        }
        if width == 0 && field.explicit {
            panic!("{}", field.has_no_bits);
        }
        if width > field.widest {
            panic!("{}", field.is_wider_than_its_type);
        }
        left -= width;
        i += 1;
    }
}
