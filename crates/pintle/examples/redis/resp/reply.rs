//! The reply side of RESP2: values appended to a connection's output.

use super::number;

/// Writes RESP2 values. Implemented for the plain byte vector that a
/// connection collects its replies in, so that a batch is one write.
pub(crate) trait Reply {
    /// `+<text>`
    fn simple(&mut self, text: &str);
    /// `-<text>`, with line ends in the text made spaces.
    fn error(&mut self, text: &[u8]);
    /// `$<n> <bytes>`
    fn bulk(&mut self, bytes: &[u8]);
    /// `:<n>`
    fn int(&mut self, value: i64);
    /// `*<n>`: the caller appends that many values.
    fn array(&mut self, len: usize);
    /// `$-1`: no value.
    fn nil(&mut self);
    /// `*-1`: no array.
    fn nil_array(&mut self);
}

impl Reply for Vec<u8> {
    fn simple(&mut self, text: &str) {
        self.push(b'+');
        self.extend_from_slice(text.as_bytes());
        self.extend_from_slice(b"\r\n");
    }

    fn error(&mut self, text: &[u8]) {
        self.push(b'-');
        let one_line = |&byte| match byte {
            b'\r' | b'\n' => b' ',
            byte => byte,
        };
        self.extend(text.iter().map(one_line));
        self.extend_from_slice(b"\r\n");
    }

    fn bulk(&mut self, bytes: &[u8]) {
        header(self, b'$', bytes.len());
        self.extend_from_slice(bytes);
        self.extend_from_slice(b"\r\n");
    }

    fn int(&mut self, value: i64) {
        self.push(b':');
        number::write(self, value);
        self.extend_from_slice(b"\r\n");
    }

    fn array(&mut self, len: usize) {
        header(self, b'*', len);
    }

    fn nil(&mut self) {
        self.extend_from_slice(b"$-1\r\n");
    }

    fn nil_array(&mut self) {
        self.extend_from_slice(b"*-1\r\n");
    }
}

fn header(out: &mut Vec<u8>, kind: u8, len: usize) {
    out.push(kind);
    // Most are short: spare them the division.
    match len {
        0..=9 => out.push(b'0' + len as u8),
        _ => number::write(out, i64::try_from(len).unwrap_or(i64::MAX)),
    }
    out.extend_from_slice(b"\r\n");
}
