//! What accessors do when they cannot go on: out of line, `const`, and with the name of the field.

use crate::message::Message;

/// Panics because a value was given to a field that is too narrow for it.
///
/// # Panics
///
/// Always.
#[cold]
#[track_caller]
pub const fn does_not_fit_into(bits: u128, width: u32, bitfield: &str, field: &str) -> ! {
    Message::new()
        .text("value ")
        .hex(bits)
        .text(" does not fit into `")
        .text(bitfield)
        .text("::")
        .text(field)
        .text("` of ")
        .count(width, "bit")
        .panic()
}

/// Panics because a field was read that holds no value of its type.
///
/// # Panics
///
/// Always.
#[cold]
#[track_caller]
pub const fn holds_no_value(bits: u128, of_type: &str, bitfield: &str, field: &str) -> ! {
    Message::new()
        .text("`")
        .text(bitfield)
        .text("::")
        .text(field)
        .text("` holds the bits ")
        .hex(bits)
        .text(", which are no `")
        .text(of_type)
        .text("`")
        .panic()
}
