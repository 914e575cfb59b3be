//! Inline commands: a line of words, for people at a terminal.
//!
//! Words may be quoted as Redis has it: `"…"` knows `\n \r \t \b \a \xHH` and
//! takes any other escaped byte as it is, `'…'` knows `\'` only. A closing
//! quote ends its word.

use std::ops::Range;

/// Splits `line` into words and pushes where each lies. A word with escapes is
/// unquoted in place: it only ever gets shorter.
///
/// `None` if a quote is left open or text follows a closing quote.
pub(super) fn split(
    input: &mut [u8],
    line: Range<usize>,
    spans: &mut Vec<Range<usize>>,
) -> Option<()> {
    let mut at = line.start;
    loop {
        while at < line.end && is_space(input[at]) {
            at += 1;
        }
        if at == line.end {
            return Some(());
        }
        let start = at;
        let mut write = at;
        while at < line.end && !is_space(input[at]) {
            let closed = match input[at] {
                b'"' => double_quoted(input, at + 1..line.end, &mut write)?,
                b'\'' => single_quoted(input, at + 1..line.end, &mut write)?,
                byte => {
                    input[write] = byte;
                    write += 1;
                    at += 1;
                    continue;
                }
            };
            at = closed;
            if at < line.end && !is_space(input[at]) {
                return None;
            }
        }
        spans.push(start..write);
    }
}

/// Copies the text of a `"…"` to `write`; gives the position behind the quote.
fn double_quoted(input: &mut [u8], text: Range<usize>, write: &mut usize) -> Option<usize> {
    let mut at = text.start;
    while at < text.end {
        let (byte, width) = match &input[at..text.end] {
            [b'"', ..] => return Some(at + 1),
            [b'\\', b'x', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (hex(*high) << 4 | hex(*low), 4)
            }
            [b'\\', escaped, ..] => (unescape(*escaped), 2),
            [byte, ..] => (*byte, 1),
            [] => return None,
        };
        input[*write] = byte;
        *write += 1;
        at += width;
    }
    None
}

/// Copies the text of a `'…'` to `write`; gives the position behind the quote.
fn single_quoted(input: &mut [u8], text: Range<usize>, write: &mut usize) -> Option<usize> {
    let mut at = text.start;
    while at < text.end {
        let (byte, width) = match &input[at..text.end] {
            [b'\'', ..] => return Some(at + 1),
            [b'\\', b'\'', ..] => (b'\'', 2),
            [byte, ..] => (*byte, 1),
            [] => return None,
        };
        input[*write] = byte;
        *write += 1;
        at += width;
    }
    None
}

fn unescape(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    }
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

/// C's `isspace`, and the NUL at which Redis ends a line.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | 0)
}
